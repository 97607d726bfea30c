import ArgumentParser
import FoundationEssentials
import QuakeEnvironment
import QuakePlan
import QuakePlanFiles
import QuakeShell
import QuakeTimeline

/// `peerquake doctor`.
struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Say what this machine lacks, with the command that gets it, and which plans it can carry.",
        discussion: """
            Looks for what embedded clusters and kind need, and measures for three seconds whether timers wake a thread in \
            time and how busy the processors are: a prober that is late makes trials inconclusive. Exits with 69 if \
            kubectl is missing; what only kind needs, and a machine that is busy, are named and do not count.

            EXAMPLES
              peerquake doctor
              peerquake doctor Plans/gateway-node-kill.yaml
            """)

    @Argument(help: "Plans that it is to carry; those of Plans/ by default.", transform: Checked.path)
    var plans: [String] = []

    func run() async throws {
        let plans = try read()
        var needs: [EnvironmentNeed] = []
        for name in EnvironmentName.allCases { needs += await Environments.standard.named(name).needs() }
        show(needs)
        show(MachineNeeds(measured: await .now()).needs(plans))
        if needs.contains(where: { $0.isVital && $0.state != .ok }) {
            throw ExitCode(PeerquakeExit.unavailable.rawValue)
        }
    }

    private func show(_ needs: [EnvironmentNeed]) {
        for need in needs {
            say("\(need.state.rawValue.padding(8))\(need.name.padding(32))\(need.detail)")
            if let hint = need.hint, need.state != .ok { say("        → \(hint)") }
        }
    }

    /// The plans that are named; else those of the folder that can be read.
    private func read() throws -> [(path: String, plan: Plan)] {
        func load(_ path: String) throws(PlanError) -> (path: String, plan: Plan) {
            (
                path,
                try Plan.load(path: path, actions: Wiring.current.actions, expectations: Wiring.current.expectations)
            )
        }
        if plans.isEmpty {
            let files = (try? FileManager.default.contentsOfDirectory(atPath: "Plans")) ?? []
            return files.filter { $0.hasSuffix(".yaml") }.sorted().compactMap { try? load("Plans/\($0)") }
        }
        return try plans.map { path in
            do throws(PlanError) {
                return try load(path)
            } catch {
                throw Failure(.usage, "\(error)")
            }
        }
    }
}

extension String {
    fileprivate func padding(_ width: Int) -> String { self + String(repeating: " ", count: max(1, width - count)) }
}
