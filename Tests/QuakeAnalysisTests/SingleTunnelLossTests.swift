import QuakeAnalysis
import Testing

@Suite("Tunnels with a connection each lose what the formulas say")
struct SingleTunnelLossTests {
    private let loss = SingleTunnelLoss()

    private func failed(_ fault: SingleTunnelLoss.Fault, _ length: Double, rate: Double = 2) -> Int {
        loss.outcomes(of: fault, lasting: .seconds(length), rate: rate, phase: .milliseconds(100))
            .count(where: { !$0.isGood })
    }

    @Test(
        "in a silence, those whose last SYN is lost",
        arguments: [(5.0, 0), (7.05, 0), (7.2, 1), (10.05, 6), (15.05, 16), (60.05, 106)])
    func silence(length: Double, count: Int) { #expect(failed(.silent, length) == count) }

    @Test(
        "behind a stopped process, those whose limit ends before it continues",
        arguments: [(9.0, 0), (15.05, 10), (60.05, 100)])
    func stopped(length: Double, count: Int) { #expect(failed(.stopped, length) == count) }

    @Test("all of a port that refuses, at once")
    func refused() {
        #expect(failed(.refused, 20.05) == 40)
        let outcome = loss.outcome(of: .seconds(3), in: .refused, lasting: .seconds(20))
        #expect(outcome == .init(began: .seconds(3), ended: .seconds(3), isGood: false))
        #expect(loss.outcome(of: .seconds(20), in: .refused, lasting: .seconds(20)).isGood)
    }

    @Test(
        "TCP sends its SYN again after 1, 3 and 7 s", arguments: [(0.0, 7.0), (4.5, 7.5), (5.5, 6.5), (8.0, 8.0)])
    func sends(began: Double, ended: Double) {
        let outcome = loss.outcome(of: .seconds(began), in: .silent, lasting: .seconds(6))
        #expect(outcome == .init(began: .seconds(began), ended: .seconds(ended), isGood: true))
    }

    @Test("a dial is given up at its limit, the first one 10 s after the first request")
    func limit() {
        let all = loss.outcomes(of: .silent, lasting: .seconds(60), rate: 10, phase: .milliseconds(50))
        #expect(all.first == .init(began: .milliseconds(50), ended: .milliseconds(10_050), isGood: false))
        #expect(all.allSatisfy { $0.ended - $0.began <= .seconds(10) })
        #expect(all.last?.isGood == true)
    }
}
