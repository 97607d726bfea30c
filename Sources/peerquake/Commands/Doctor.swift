import ArgumentParser
import QuakeEnvironment
import QuakeShell
import QuakeTimeline

/// `peerquake doctor`.
struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Say what this machine lacks for embedded clusters and for kind, and how to get it.",
        discussion: """
            Exits with 69 if kubectl is missing; what only kind needs is named and does not count.

            EXAMPLE
              peerquake doctor
            """)

    func run() async throws {
        var needs: [EnvironmentNeed] = []
        for name in EnvironmentName.allCases { needs += await Environments.standard.named(name).needs() }
        for need in needs {
            say("\(need.state.rawValue.padding(8))\(need.name.padding(32))\(need.detail)")
            if let hint = need.hint, need.state != .ok { say("        → \(hint)") }
        }
        if needs.contains(where: { $0.isVital && $0.state != .ok }) {
            throw ExitCode(PeerquakeExit.unavailable.rawValue)
        }
    }
}

extension String {
    fileprivate func padding(_ width: Int) -> String { self + String(repeating: " ", count: max(1, width - count)) }
}
