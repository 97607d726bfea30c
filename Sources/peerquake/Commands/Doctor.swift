import ArgumentParser
import FoundationEssentials
import QuakeKind
import QuakeKube
import QuakeMesh
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

    private enum State: String {
        case ok, missing, low
    }

    private struct Finding {
        var state: State
        var name: String
        var detail: String
        var hint: String?
        /// Needed for embedded clusters too.
        var isVital = false
    }

    func run() async throws {
        var findings = [await kubectl()]
        let engine = await engine()
        findings.append(engine.finding)
        findings.append(await kind())
        if let engine = engine.engine { findings += [await nodeImage(engine), await agentImage(engine)] }
        findings += limits()
        for finding in findings {
            say("\(finding.state.rawValue.padding(8))\(finding.name.padding(32))\(finding.detail)")
            if let hint = finding.hint, finding.state != .ok { say("        → \(hint)") }
        }
        if findings.contains(where: { $0.isVital && $0.state != .ok }) {
            throw ExitCode(PeerquakeExit.unavailable.rawValue)
        }
    }

    // MARK: - Programs

    private func said(_ arguments: [String]) async -> String? {
        guard let result = try? await Command(arguments).run(timeout: .seconds(15)), result.succeeded else {
            return nil
        }
        return result.standardOutput.split(separator: "\n").first.map(String.init) ?? ""
    }

    private func kubectl() async -> Finding {
        let said = try? await Command(["kubectl", "version", "--client", "-o", "json"]).run(timeout: .seconds(15))
        let version = (said?.standardOutput).flatMap { try? Kubectl.Version(parsing: $0).gitVersion }
        return Finding(
            state: version == nil ? .missing : .ok, name: "kubectl", detail: version ?? "not on PATH",
            hint: "https://kubernetes.io/docs/tasks/tools/; on Debian: apt-get install kubernetes-client", isVital: true
        )
    }

    private func engine() async -> (engine: ContainerEngine?, finding: Finding) {
        do throws(KindError) {
            let environment = Command.inheritedEnvironment
            let engine = try await ContainerEngine.detect(environment: environment)
            let version = await said([engine.name, "-v"]) ?? engine.name
            // Each of them lists containers; what else they tell of themselves differs.
            let answers = await said([engine.name, "ps", "--quiet"]) != nil
            let isWanted = environment["KIND_EXPERIMENTAL_PROVIDER"]?.isEmpty == false
            return (
                answers ? engine : nil,
                Finding(
                    state: answers ? .ok : .missing, name: "container engine",
                    detail: version + (isWanted ? ", by KIND_EXPERIMENTAL_PROVIDER" : "")
                        + (answers ? "" : ", does not answer"),
                    hint: "Start its service, and see that you may use it: \(engine.name) info")
            )
        } catch {
            return (
                nil,
                Finding(state: .missing, name: "container engine", detail: error.message, hint: error.hint)
            )
        }
    }

    private func kind() async -> Finding {
        let version = await said(["kind", "version"])
        return Finding(
            state: version == nil ? .missing : .ok, name: "kind", detail: version ?? "not on PATH",
            hint: "https://kind.sigs.k8s.io/docs/user/quick-start/#installation")
    }

    private func nodeImage(_ engine: ContainerEngine) async -> Finding {
        let images = (try? await engine.nodeImages()) ?? []
        return Finding(
            state: images.isEmpty ? .missing : .ok, name: "image kindest/node",
            detail: images.isEmpty ? "not in the engine" : images.joined(separator: ", "),
            hint:
                "kind pulls its own choice; without a registry: \(engine.name) load, then clusters up --image NAME:TAG")
    }

    private func agentImage(_ engine: ContainerEngine) async -> Finding {
        let isThere = await engine.has(image: MeshNames.image)
        return Finding(
            state: isThere ? .ok : .missing, name: "image \(MeshNames.image)",
            detail: isThere ? "in the engine" : "not in the engine", hint: "scripts/build-agent-image CLUSTER…")
    }

    // MARK: - The kernel's limits

    private func limits() -> [Finding] {
        // kind's known issues, "Pod errors due to too many open files"; the others from our own runs.
        let wanted: [(path: String, least: Int, why: String)] = [
            ("fs.inotify.max_user_instances", 512, "kubelets and their pods watch files, all of them as one user"),
            ("fs.inotify.max_user_watches", 524_288, "kubelets and their pods watch files, all of them as one user"),
            ("net.netfilter.nf_conntrack_max", 131_072, "a full table drops new connections, as an outage does"),
        ]
        return wanted.map { limit in
            let file = "/proc/sys/" + limit.path.replacing(".", with: "/")
            let text = FileManager.default.contents(atPath: file).map { String(decoding: $0, as: UTF8.self) }
            guard let value = text.flatMap({ Int($0.filter { !$0.isWhitespace }) }) else {
                return Finding(state: .ok, name: limit.path, detail: "not in use here")
            }
            return Finding(
                state: value < limit.least ? .low : .ok, name: limit.path, detail: "\(value)",
                hint: "sysctl -w \(limit.path)=\(limit.least) (\(limit.why))")
        }
    }
}

extension String {
    fileprivate func padding(_ width: Int) -> String { self + String(repeating: " ", count: max(1, width - count)) }
}
