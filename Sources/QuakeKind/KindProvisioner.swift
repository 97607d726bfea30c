import FoundationEssentials
import QuakeBase
import QuakeKube

/// Makes and deletes kind clusters through the `kind` binary. Clusters that it made carry a ConfigMap that says so.
package struct KindProvisioner: Sendable {
    private static let mark = ResourcePath(resource: "configmaps", namespace: "kube-system", name: "peerquake-made")

    private let runner: ContainerEngine.Runner
    private let kubeconfig: String?
    private let environment: [String: String]
    private let lockPatience: Duration

    /// - Parameters:
    ///   - kubeconfig: where contexts are written; `nil` is kubectl's default.
    ///   - lockPatience: how long to wait for a kubeconfig that another process is writing.
    ///   - runner: runs `kind` with these arguments.
    package init(
        kubeconfig: String?, environment: [String: String], lockPatience: Duration = .seconds(15),
        runner: @escaping ContainerEngine.Runner
    ) {
        self.kubeconfig = kubeconfig
        self.environment = environment
        self.lockPatience = lockPatience
        self.runner = runner
    }

    /// The `kind` on PATH.
    ///
    /// - Throws: `.noEngine`, with where to get it.
    package static func detect(
        kubeconfig: String?, environment: [String: String]
    ) throws(KindError) -> KindProvisioner {
        let folders = (environment["PATH"] ?? "").split(separator: ":").map(String.init)
        guard folders.contains(where: { FileManager.default.isExecutableFile(atPath: "\($0)/kind") }) else {
            throw KindError(
                .noEngine, "no kind on PATH",
                hint:
                    "https://kind.sigs.k8s.io/docs/user/quick-start/#installation; on Debian sid: apt-get install kind."
            )
        }
        return KindProvisioner(kubeconfig: kubeconfig, environment: environment) { arguments, timeout in
            try await Command(["kind"] + arguments, environment: environment).run(timeout: timeout)
        }
    }

    private func kind(_ arguments: [String], timeout: Duration) async throws -> CommandResult {
        let line = "kind \(arguments.joined(separator: " "))"
        let result = try await Waits.telling(line, within: timeout) { try await runner(arguments, timeout) }
        if result.timedOut { throw KindError(.timeout, "\(line): no end within \(timeout)") }
        guard result.succeeded else { throw KindError(.engine, "\(line)\n\(result.standardError)") }
        return result
    }

    private static let isLocked = "failed to lock config file"

    /// For commands that write the kubeconfig and may be given again: kind tries for its lock once, and clusters are made
    /// and adopted side by side.
    private func kindWriting(_ arguments: [String], timeout: Duration) async throws {
        do {
            try await poll(until: "the kubeconfig's lock", within: lockPatience, every: .milliseconds(100)) {
                () -> Look<Void> in
                do {
                    _ = try await kind(arguments, timeout: timeout)
                    return .met(())
                } catch let error as KindError where error.message.contains(Self.isLocked) {
                    return .notYet(error.message)
                }
            }
        } catch let locked as PollTimeout {
            throw KindError(
                .engine, locked.last,
                hint: "Tried for \(lockPatience). If nothing is writing it, delete the lock file.")
        }
    }

    private func exportContext(of name: String) async throws {
        try await kindWriting(["export", "kubeconfig", "--name", name] + target, timeout: .seconds(60))
    }

    private var target: [String] { kubeconfig.map { ["--kubeconfig", $0] } ?? [] }

    /// Names of every kind cluster here, sorted.
    package func clusters() async throws -> [String] {
        try await kind(["get", "clusters"], timeout: .seconds(30)).standardOutput.split(separator: "\n")
            .map(String.init).sorted()
    }

    /// A cluster that is there now.
    package struct Standing: Sendable, Equatable {
        /// It was there, and is left as it is.
        package var isAdopted: Bool
        package var nodes: Int
        package var ready: Int
        /// What was done and what was not, for whoever waits.
        package var words: String
    }

    /// Makes a cluster unless it is there, writes its context, and waits until its nodes are Ready (where they have a
    /// CNI; where not, until they are registered).
    ///
    /// - Parameters:
    ///   - image: the node image; `nil` is kind's own choice.
    ///   - engine: where node images are looked for that could be named instead of one that cannot be pulled.
    ///   - newNetwork: the engine's network that comes about with the cluster, which is noted there; `nil` where it was there.
    package func up(
        _ config: KindConfig, image: String?, existing: Set<String>, engine: ContainerEngine? = nil,
        newNetwork: String? = nil
    ) async throws -> Standing {
        let isThere = existing.contains(config.name)
        if isThere {
            try await exportContext(of: config.name)
        } else {
            let chosen = image.map { ["--image", $0] } ?? []
            do {
                _ = try await kind(
                    ["create", "cluster", "--name", config.name, "--config", config.path] + chosen + target,
                    timeout: .seconds(900))
            } catch let error as KindError where error.message.contains(Self.isLocked) {
                // The cluster stands; its context is what kind writes last.
                try await exportContext(of: config.name)
            } catch var error as KindError {
                guard error.message.contains("failed to pull image") else { throw error }
                error.hint = await Self.withoutRegistry(engine)
                throw error
            }
        }
        let kube = try client(config.name)
        if !isThere {
            try await kube.apply([
                "apiVersion": "v1", "kind": "ConfigMap",
                "metadata": ["name": "peerquake-made", "namespace": "kube-system"],
                "data": newNetwork.map { ["network": .string($0)] } ?? [:],
            ])
        }
        return try await awaitNodes(config, kube, isAdopted: isThere)
    }

    /// What helps where no registry answers. kind names its own choice by a digest, which an image that was loaded from
    /// a file does not have.
    private static func withoutRegistry(_ engine: ContainerEngine?) async -> String {
        let found = (try? await engine?.nodeImages()) ?? []
        let tagged = found.filter { $0.contains(":") }
        if let last = tagged.last {
            return "\(engine?.name ?? "The engine") has \(tagged.joined(separator: ", ")): --image \(last)"
        }
        let name = engine?.name ?? "docker"
        return
            "Without a registry: \(name) save kindest/node:TAG elsewhere, \(name) load here, and --image kindest/node:TAG."
    }

    private func client(_ name: String) throws -> KubeClient {
        KubeClient(try Kubeconfig.load(path: kubeconfig, environment: environment).context("kind-\(name)"))
    }

    private func awaitNodes(_ config: KindConfig, _ kube: KubeClient, isAdopted: Bool) async throws -> Standing {
        // One that somebody else made may have other nodes than the configuration says.
        let wanted = isAdopted ? 1 : config.nodes
        var seen = "nothing"
        do {
            return try await poll(
                until: "\(config.name): nodes Ready", within: .seconds(300), every: .milliseconds(500)
            ) {
                () -> Look<Standing> in
                // Where this look gets no answer, what the last one saw is the better message.
                guard let nodes = try? await kube.list(.nodes).items else { return .notYet(seen) }
                let ready = nodes.count { NodeView($0).isReady }
                if nodes.count >= wanted, ready == nodes.count || !config.hasDefaultCNI {
                    let words = Self.words(config, nodes.count, ready, isAdopted)
                    return .met(Standing(isAdopted: isAdopted, nodes: nodes.count, ready: ready, words: words))
                }
                seen = "\(ready) of \(nodes.count) nodes Ready, \(max(wanted, nodes.count)) wanted"
                return .notYet(seen)
            }
        } catch let timeout as PollTimeout {
            throw KindError(.timeout, "\(config.name): its nodes are not Ready after 300 s; seen: \(timeout.last)")
        }
    }

    private static func words(_ config: KindConfig, _ nodes: Int, _ ready: Int, _ isAdopted: Bool) -> String {
        var words = isAdopted ? "adopted" : "created"
        let count = "\(nodes) node\(nodes == 1 ? "" : "s")"
        if isAdopted, nodes != config.nodes { words += " as it is (\(config.path) has \(config.nodes) nodes)" }
        guard ready < nodes else { return "\(words), \(count) Ready" }
        return "\(words), \(count) registered, \(ready) of them Ready: \(config.path) disables kind's CNI, and they "
            + "wait for another one"
    }

    /// Puts an image of the engine into every node of a cluster, so that no registry is asked.
    ///
    /// - Throws: `.config` where the engine has no such image.
    package func load(_ image: String, into cluster: String, from engine: ContainerEngine) async throws {
        guard await engine.has(image: image) else {
            throw KindError(
                .config, "\(engine.name) has no image \(image)", hint: "Make it: scripts/build-agent-image")
        }
        // kind asks docker itself for an image, whichever engine its nodes run in.
        if engine.name == "docker" {
            _ = try await kind(["load", "docker-image", image, "--name", cluster], timeout: .seconds(300))
        } else {
            let archive =
                "\(FileManager.default.temporaryDirectory.path)/peerquake-\(UInt64.random(in: 0...UInt64.max)).tar"
            defer { try? FileManager.default.removeItem(atPath: archive) }
            var name = image
            if engine.name == "podman" {
                // What is made here is podman's `localhost/…`; nodes look for docker.io's library.
                name = "docker.io/library/\(image)\(image.contains(":") ? "" : ":latest")"
                try await engine.run(["tag", image, name])
            }
            try await engine.run(["save", "-o", archive, name], timeout: .seconds(120))
            _ = try await kind(["load", "image-archive", archive, "--name", cluster], timeout: .seconds(300))
        }
    }

    /// Deletes clusters: those that are named, or all that Peerquake made. Returns their names.
    package func down(_ names: [String]) async throws -> [String] {
        let existing = try await clusters()
        if let unknown = names.first(where: { !existing.contains($0) }) {
            throw KindError(
                .config, "no kind cluster \(unknown)",
                hint: "There are: \(existing.isEmpty ? "none" : existing.joined(separator: ", ")).")
        }
        var doomed = names
        if names.isEmpty {
            for name in existing where await isOurs(name) { doomed.append(name) }
        }
        for name in doomed {
            try await kindWriting(["delete", "cluster", "--name", name] + target, timeout: .seconds(180))
        }
        return doomed
    }

    private func isOurs(_ name: String) async -> Bool { await markOf(name) != nil }

    private func markOf(_ name: String) async -> JSONValue? {
        guard let kube = try? client(name) else { return nil }
        return try? await kube.get(Self.mark)
    }

    /// The engine's networks that came about with clusters, to be removed with them: kind leaves them behind.
    ///
    /// - Parameter names: of clusters; empty for all.
    package func madeNetworks(_ names: [String]) async throws -> Set<String> {
        var networks: Set<String> = []
        for name in names.isEmpty ? try await clusters() : names {
            if let network = await markOf(name)?[path: "data.network"]?.stringValue { networks.insert(network) }
        }
        return networks
    }

    /// A cluster as it stands.
    package struct Status: Sendable {
        package var name: String
        package var version: String
        package var ready: Int
        package var nodes: Int
        package var isOurs: Bool
        /// Why it could not be asked; `nil` where it could.
        package var problem: String?
    }

    /// Every kind cluster in the order of kind's list. One that does not answer within 5 s has a problem, and no error
    /// is thrown for it.
    ///
    /// - Throws: where kind itself fails.
    package func status() async throws -> [Status] {
        var all: [Status] = []
        for name in try await clusters() {
            do {
                let nodes = try await client(name).list(.nodes, timeout: .seconds(5)).items
                all.append(
                    Status(
                        name: name,
                        version: nodes.first.flatMap { NodeView($0).kubeletVersion } ?? "",
                        ready: nodes.count { NodeView($0).isReady }, nodes: nodes.count,
                        isOurs: await isOurs(name)))
            } catch {
                all.append(Status(name: name, version: "", ready: 0, nodes: 0, isOurs: false, problem: "\(error)"))
            }
        }
        return all
    }
}
