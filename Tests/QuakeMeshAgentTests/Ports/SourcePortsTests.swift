import Testing

@testable import QuakeMeshAgent

@Suite("Source ports")
struct SourcePortsTests {
    private let west = SourcePorts.Destination(address: "172.18.0.4", port: 31_080)
    private let other = SourcePorts.Destination(address: "172.18.0.5", port: 31_080)

    private func three(start: Int = 0) -> SourcePorts {
        SourcePorts(range: 40_000...40_002, rest: .seconds(130), start: start)
    }

    @Test("fresh ones come first, in their order, from where the process began")
    func fresh() {
        var ports = three(start: 1)
        #expect(
            (0..<3).map { ports.take(for: west, at: .seconds($0)) } == [.port(40_001), .port(40_002), .port(40_000)])
    }

    @Test("one is used again as soon as it has rested, that which rests longest first")
    func rests() {
        var ports = three()
        for second in 0..<3 { _ = ports.take(for: west, at: .seconds(second)) }
        ports.release(40_002, of: west, at: .seconds(10))
        ports.release(40_000, of: west, at: .seconds(11))
        #expect(ports.take(for: west, at: .seconds(140) - .nanoseconds(1)) == .kernel(misses: 1))
        #expect(ports.take(for: west, at: .seconds(140)) == .port(40_002))
        #expect(ports.take(for: west, at: .seconds(140)) == .kernel(misses: 2))
        #expect(ports.take(for: west, at: .seconds(141)) == .port(40_000))
        #expect(ports.take(for: west, at: .seconds(9999)) == .kernel(misses: 3), "40001 is in use")
    }

    @Test("each destination has all of them")
    func destinations() {
        var ports = three()
        #expect((0..<3).map { _ in ports.take(for: west, at: .zero) }.last == .port(40_002))
        #expect(ports.take(for: west, at: .zero) == .kernel(misses: 1))
        #expect(ports.take(for: other, at: .zero) == .port(40_000))
    }

    @Test("one that the kernel chose rests too")
    func adopts() {
        var ports = three()
        #expect(ports.take(for: west, at: .zero) == .port(40_000))
        ports.release(40_000, of: west, at: .seconds(1))
        ports.adopt(40_000, of: west)
        ports.adopt(40_001, of: west)
        #expect(ports.take(for: west, at: .seconds(2)) == .port(40_002), "40001 is not fresh")
        #expect(ports.take(for: west, at: .seconds(131)) == .kernel(misses: 1), "40000 is in use again")
        ports.release(40_000, of: west, at: .seconds(200))
        #expect(ports.take(for: west, at: .seconds(329)) == .kernel(misses: 2))
        #expect(ports.take(for: west, at: .seconds(330)) == .port(40_000))
    }

    @Test("217 connections a second to one destination find one with Linux's range, and never one too early")
    func rate() {
        var ports = SourcePorts()
        #expect(abs(ports.rate - 217.2) < 0.1)
        var ended: [UInt16: Duration] = [:]
        // Each lasts 50 ms, for ten minutes.
        var open: [(port: UInt16, until: Duration)] = []
        for number in 0..<(217 * 600) {
            let now = Duration.nanoseconds(Int64(number) * 1_000_000_000 / 217)
            while let first = open.first, first.until <= now {
                ports.release(first.port, of: west, at: first.until)
                ended[first.port] = first.until
                open.removeFirst()
            }
            guard case .port(let port) = ports.take(for: west, at: now) else {
                Issue.record("no port at \(now)")
                return
            }
            if let before = ended[port] {
                guard now - before >= .seconds(130) else {
                    Issue.record("\(port) rested \(now - before)")
                    return
                }
            }
            open.append((port, now + .milliseconds(50)))
        }
    }

    @Test("above that rate the kernel chooses, and each time is counted")
    func exhausted() {
        var ports = SourcePorts()
        var misses = 0
        for number in 0..<(300 * 130) {
            let now = Duration.nanoseconds(Int64(number) * 1_000_000_000 / 300)
            switch ports.take(for: west, at: now) {
            case .port(let port): ports.release(port, of: west, at: now)
            case .kernel(let count): misses = count
            }
        }
        #expect(misses == 300 * 130 - ports.range.count)
    }

    @Test("the range is the kernel's, and Linux's own where it does not say")
    func ranges() {
        #expect(LocalPortRange.parse("32768\t60999\n") == 32_768...60_999)
        #expect(LocalPortRange.parse("1024 65535") == 1024...65_535)
        for wrong in ["", "1", "9 8", "0 9", "1 2 3", "a b", "1 70000"] { #expect(LocalPortRange.parse(wrong) == nil) }
        #expect(LocalPortRange.read("/nowhere") == LocalPortRange.usual)
        #expect(LocalPortRange.read().count > 1)
    }
}
