/// SplitMix64 (Steele, Lea, Flood 2014): every random choice of a run comes from its plan's seed.
package struct StepGenerator: RandomNumberGenerator, Sendable {
    private var state: UInt64

    package init(seed: UInt64) { state = seed }

    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// Another stream for each of several numbers, so that one more choice in a step moves no other step's.
    package static func seed(_ base: UInt64, _ parts: UInt64...) -> UInt64 {
        parts.reduce(base) { seed, part in
            var generator = StepGenerator(seed: seed ^ (part &+ 1) &* 0xD6E8_FEB8_6659_FD93)
            return generator.next()
        }
    }
}
