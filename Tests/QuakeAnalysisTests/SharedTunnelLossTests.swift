import QuakeAnalysis
import Testing

/// The formulas beside what ztunnel 1.27.9 did.
@Suite("Shared tunnels lose what the formulas say")
struct SharedTunnelLossTests {
    private let loss = SharedTunnelLoss()

    private func isNear(_ a: Duration, _ seconds: Double, within tolerance: Double = 1) -> Bool {
        let difference = a - .seconds(seconds)
        return difference <= .seconds(tolerance) && difference >= .seconds(-tolerance)
    }

    @Test(
        "when a silence of a minute is noticed",
        arguments: [
            // Since the last pong, requests a second; the first failure and how many were reset together.
            (1.77, 2.0, 28.23, 57.0), (5.75, 2, 24.23, 49), (9.89, 2, 20.07, 40), (6.66, 2, 23.32, 47),
            (9.33, 10, 19.84, 98),
        ])
    func notices(sincePong: Double, rate: Double, first: Double, together: Double) {
        let since = Duration.seconds(sincePong)
        #expect(isNear(loss.firstFailure(sincePong: since, rate: rate, kept: 2), first))
        #expect(abs(loss.resetTogether(sincePong: since, rate: rate, kept: 2) - together) <= 2)
    }

    @Test("when the streams of 50 requests a second are used up")
    func usesStreamsUp() {
        #expect(isNear(loss.firstFailure(sincePong: .zero, rate: 50), 12, within: 0.1))
        #expect(loss.redial(sincePong: .zero, rate: 50) == .seconds(2))
    }

    @Test("one dial each connect time-out", arguments: [(60.0, 1.77, 3), (60, 9.89, 3), (150, 6.66, 12), (15, 0, 0)])
    func dials(silence: Double, sincePong: Double, count: Int) {
        #expect(loss.failedDials(in: .seconds(silence), sincePong: .seconds(sincePong), rate: 2, kept: 2) == count)
    }

    @Test(
        "when a silence ends by itself",
        arguments: [(5.03, 9.57, 6.61), (10.06, 9.63, 13.80), (15.14, 9.11, 21.14), (60.09, 1.77, 60.72)])
    func returns(silence: Double, sincePong: Double, blackout: Double) {
        // A round trip's variance lengthens the first wait, and six doublings multiply it.
        #expect(isNear(loss.blackout(of: .seconds(silence), sincePong: .seconds(sincePong)), blackout, within: 1.25))
    }

    @Test("nothing more where each dial succeeds, and everything where none does")
    func sums() {
        let mean = { (failing: Double) in
            SharedTunnelLoss.meanLoss(
                until: .seconds(40), redial: .seconds(5), attempt: .seconds(10), failing: failing)
        }
        #expect(mean(0) == .seconds(5))
        #expect(isNear(mean(1), 40, within: 0.01))
        #expect(isNear(mean(0.5), 5 + 5 + 2.5 + 1.25 + 0.3125, within: 0.01))
    }

    @Test("a share of the requests that lies between that of one tunnel and that of single connections")
    func shares() {
        let share = { (nodePort: Bool, local: Bool, checkedOut: Bool) in
            loss.meanShare(
                nodePort: nodePort, local: local, gateways: 2, balanced: 3, until: .seconds(20), sincePong: .seconds(5),
                rate: 100, attempt: .seconds(nodePort ? 10 : 3), checkedOut: checkedOut)
        }
        // The dead node's tunnel, and half of the time the other one's: 2 s until its streams are used up, and dials.
        #expect(abs(share(true, false, false) - (0.5 + 0.25 * (2 + 5 + 2) / 20)) < 0.001)
        #expect(share(true, true, false) == 0.5)
        // The health check is over before the streams are used up only where requests are few.
        #expect(share(false, true, true) == 0.5 * 1 / 20)
        #expect(share(false, false, true) > share(false, true, true))
    }
}
