/// SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014): small, seeded, and the
/// same everywhere. Every random choice comes from one of these, so that it can be made again.
package struct SeededGenerator: RandomNumberGenerator, Sendable {
    @usableFromInline var state: UInt64

    package init(seed: UInt64) { state = seed }

    /// A stream of its own for each text (FNV-1a of its bytes).
    package init(_ text: String) {
        state = text.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01B3 }
    }

    // Inlined, as what draws from it: comparisons draw millions.
    @inlinable
    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// A number in 0 ..< bound by multiplication (Lemire 2019), whose bias of bound / 2⁶⁴ nobody could see; `bound` is
    /// positive.
    @inlinable
    package mutating func below(_ bound: Int) -> Int {
        Int(next().multipliedFullWidth(by: UInt64(bound)).high)
    }

    /// A number in 0 ..< 1, of 53 random bits.
    @inlinable
    package mutating func unit() -> Double { Double(next() >> 11) / 9_007_199_254_740_992 }

    /// Another seed for each of several numbers, so that one more choice in one place moves no other place's.
    package static func seed(_ base: UInt64, _ parts: UInt64...) -> UInt64 {
        parts.reduce(base) { seed, part in
            var generator = SeededGenerator(seed: seed ^ (part &+ 1) &* 0xD6E8_FEB8_6659_FD93)
            return generator.next()
        }
    }
}
