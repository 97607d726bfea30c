import QuakeBase
import Testing

@testable import QuakeMeshAgent

@Suite("Shared tunnels behave as real ztunnel's, in every recorded run")
struct TunnelRecordingTests {
    /// A busy machine's handshakes, which virtual time does not have.
    private static let tolerance = 1.0

    private static func setting(_ recording: TunnelRecording, sincePong: Double, phase: Double)
        -> TunnelSimulation.Setting
    {
        TunnelSimulation.Setting(
            network: SimulatedNetwork(
                fault: recording.fault, length: .seconds(recording.length), userTimeout: recording.userTimeout),
            sincePong: .seconds(sincePong), phase: .seconds(phase), rate: recording.rate)
    }

    private static func measures(_ recording: TunnelRecording, sincePong: Double, phase: Double) -> TunnelMeasures {
        let outcomes = TunnelSimulation.run(setting(recording, sincePong: sincePong, phase: phase))
        return TunnelMeasures(outcomes, length: .seconds(recording.length))
    }

    /// Ten runs of random phases. The pings' are drawn one from each tenth of the interval: so few plain draws often
    /// leave an end of it out.
    private static func tenRuns(_ recording: TunnelRecording) -> [TunnelMeasures] {
        var generator = SeededGenerator(recording.name)
        return (0..<10).map { tenth in
            let sincePong = Double(tenth) + generator.unit()
            return measures(recording, sincePong: sincePong, phase: generator.unit() / recording.rate)
        }
    }

    private func isNear(_ simulated: Double?, _ seen: Double?) -> Bool {
        guard let simulated, let seen else { return simulated == nil && seen == nil }
        return abs(simulated - seen) <= Self.tolerance
    }

    private func isHeld(_ seen: Double?, by simulated: [Double?]) -> Bool {
        let known = simulated.compactMap(\.self)
        guard let seen else { return known.count < simulated.count }
        guard let least = known.min(), let most = known.max() else { return false }
        return least - Self.tolerance <= seen && seen <= most + Self.tolerance
    }

    private func isHeld(_ seen: Int, by simulated: [Int], slack: Int) -> Bool {
        simulated.contains { $0 - slack <= seen } && simulated.contains { seen <= $0 + slack }
    }

    /// What a second more or less of failing requests makes.
    private func slack(_ recording: TunnelRecording) -> Int { Int(recording.rate * Self.tolerance) + 1 }

    @Test("given the time since the last pong, within a second", arguments: TunnelRecording.all)
    func replays(recording: TunnelRecording) {
        let simulated = Self.measures(recording, sincePong: recording.sincePong, phase: recording.phase)
        let seen = recording.seen
        let slack = slack(recording)
        #expect(isNear(simulated.firstFailure, seen.firstFailure), "\(simulated)")
        #expect(isNear(simulated.massReset, seen.massReset), "\(simulated)")
        #expect(isNear(simulated.firstSuccess, seen.firstSuccess), "\(simulated)")
        #expect(isNear(simulated.longestHang, seen.longestHang), "\(simulated)")
        #expect(abs(simulated.massCount - seen.massCount) <= slack, "\(simulated)")
        #expect(abs(simulated.failed - seen.failed) <= slack, "\(simulated)")
        #expect(abs(simulated.failedAfter - seen.failedAfter) <= slack, "\(simulated)")
    }

    @Test("in the range of ten runs of random ping phase", arguments: TunnelRecording.all)
    func ranges(recording: TunnelRecording) {
        let runs = Self.tenRuns(recording)
        let seen = recording.seen
        let slack = slack(recording)
        #expect(isHeld(seen.firstFailure, by: runs.map(\.firstFailure)), "\(runs.map(\.firstFailure))")
        #expect(isHeld(seen.massReset, by: runs.map(\.massReset)), "\(runs.map(\.massReset))")
        #expect(isHeld(seen.firstSuccess, by: runs.map(\.firstSuccess)), "\(runs.map(\.firstSuccess))")
        #expect(isHeld(seen.longestHang, by: runs.map(\.longestHang)), "\(runs.map(\.longestHang))")
        #expect(isHeld(seen.massCount, by: runs.map(\.massCount), slack: slack), "\(runs.map(\.massCount))")
        #expect(isHeld(seen.failed, by: runs.map(\.failed), slack: slack), "\(runs.map(\.failed))")
        #expect(isHeld(seen.failedAfter, by: runs.map(\.failedAfter), slack: slack), "\(runs.map(\.failedAfter))")
    }
}
