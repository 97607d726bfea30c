import Testing

@testable import peerquake

/// What a terminal shows of a run under way.
@Suite("The live part of a terminal")
struct ProgressFrameTests {
    private static let lane = ProgressFrame.Lane(
        label: "echo/new NodePort", shortLabel: "echo/new", good: 970, bad: 30, outage: .seconds(3),
        recent: Array(repeating: 1, count: 26) + [0.5, 0, 0, 0])

    private static func frame(wait: String = "") -> ProgressFrame {
        ProgressFrame(
            elapsed: .seconds(65), left: "about 2:10 left", trial: "trial 2: NodePort, repeat 1", step: "kill",
            inStep: .seconds(7), wait: wait, lanes: [lane])
    }

    private static func lines(_ width: Int, wait: String = "") -> [String] {
        frame(wait: wait).lines(width: width) { text, _ in text }
    }

    @Test("no line is as wide as the terminal", arguments: [8, 20, 39, 40, 41, 59, 60, 79, 80, 81, 120, 200])
    func width(_ width: Int) {
        for line in Self.lines(width, wait: "waiting for west-worker2 Ready, 20 of at most 90 s: Ready=Unknown") {
            #expect(line.count < max(9, width), "\(line)")
        }
    }

    @Test("on a wide one the head is one line, with the time left")
    func wide() {
        #expect(
            Self.lines(80) == [
                "── 1:05, about 2:10 left, trial 2: NodePort, repeat 1, kill, 7 s",
                "   echo/new NodePort  97.0 %  " + String(repeating: "█", count: 26) + "▅▁▁▁  out 3 s",
            ])
    }

    @Test("on a narrow one each part has a line, and of a lane's history the last seconds are left")
    func narrow() {
        #expect(
            Self.lines(40) == [
                "── 1:05, about 2:10 left", "   trial 2: NodePort, repeat 1", "   kill, 7 s",
                "   echo/new      97.0 %  █▅▁▁▁  out 3 s",
            ])
    }

    @Test("what is waited for has a line")
    func wait() { #expect(Self.lines(80, wait: "waiting for it")[1] == "   waiting for it") }

    @Test("colours take no column")
    func colours() {
        let plain = Self.lines(40)
        let painted = Self.frame().lines(width: 40) { "\u{1B}[\($1)m\($0)\u{1B}[0m" }
        #expect(painted.map { $0.replacing(#/\u{1B}\[[0-9;]*m/#, with: "") } == plain)
    }
}
