import FoundationEssentials
import QuakeKind
import QuakeKube
import QuakeMesh

extension KindEnvironment {
    package func needs() async -> [EnvironmentNeed] { await KindNeeds().all() }
}

/// What kind takes on this machine.
private struct KindNeeds {
    func all() async -> [EnvironmentNeed] {
        let engine = await engine()
        var needs = [engine.need, await kind()]
        if let engine = engine.engine { needs += [await nodeImage(engine), await agentImage(engine)] }
        return needs + limits()
    }

    // MARK: - Programs

    private func said(_ arguments: [String]) async -> String? {
        guard let result = try? await Command(arguments).run(timeout: .seconds(15)), result.succeeded else {
            return nil
        }
        return result.standardOutput.split(separator: "\n").first.map(String.init) ?? ""
    }

    private func engine() async -> (engine: ContainerEngine?, need: EnvironmentNeed) {
        do throws(KindError) {
            let environment = Command.inheritedEnvironment
            let engine = try await ContainerEngine.detect(environment: environment)
            let version = await said([engine.name, "-v"]) ?? engine.name
            // Each of them lists containers; what else they tell of themselves differs.
            let answers = await said([engine.name, "ps", "--quiet"]) != nil
            let isWanted = environment["KIND_EXPERIMENTAL_PROVIDER"]?.isEmpty == false
            return (
                answers ? engine : nil,
                EnvironmentNeed(
                    state: answers ? .ok : .missing, name: "container engine",
                    detail: version + (isWanted ? ", by KIND_EXPERIMENTAL_PROVIDER" : "")
                        + (answers ? "" : ", does not answer"),
                    hint: "sudo systemctl start \(engine.name) && \(engine.name) info   # and see that you may use it")
            )
        } catch {
            return (
                nil,
                EnvironmentNeed(state: .missing, name: "container engine", detail: error.message, hint: error.hint)
            )
        }
    }

    private func kind() async -> EnvironmentNeed {
        let version = await said(["kind", "version"])
        return EnvironmentNeed(
            state: version == nil ? .missing : .ok, name: "kind", detail: version ?? "not on PATH",
            hint: "curl -fLo kind https://kind.sigs.k8s.io/dl/latest/kind-linux-amd64 && "
                + "sudo install kind /usr/local/bin/   # or https://kind.sigs.k8s.io/docs/user/quick-start/")
    }

    private func nodeImage(_ engine: ContainerEngine) async -> EnvironmentNeed {
        let images = (try? await engine.nodeImages()) ?? []
        return EnvironmentNeed(
            state: images.isEmpty ? .missing : .ok, name: "image kindest/node",
            detail: images.isEmpty ? "not in the engine" : images.joined(separator: ", "),
            hint:
                "kind pulls its own choice; without a registry: \(engine.name) load, then clusters up --image NAME:TAG")
    }

    private func agentImage(_ engine: ContainerEngine) async -> EnvironmentNeed {
        let isThere = await engine.has(image: MeshNames.image)
        return EnvironmentNeed(
            state: isThere ? .ok : .missing, name: "image \(MeshNames.image)",
            detail: isThere ? "in the engine" : "not in the engine", hint: "scripts/build-agent-image CLUSTER…")
    }

    // MARK: - The kernel's limits

    private func limits() -> [EnvironmentNeed] {
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
                return EnvironmentNeed(state: .ok, name: limit.path, detail: "not in use here")
            }
            return EnvironmentNeed(
                state: value < limit.least ? .low : .ok, name: limit.path, detail: "\(value)",
                hint: "sudo sysctl -w \(limit.path)=\(limit.least)   # \(limit.why)")
        }
    }
}
