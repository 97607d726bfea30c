import FoundationEssentials
import QuakeBase
package import QuakeKube

/// The container engine that kind's nodes run in: docker, podman or nerdctl, by its command line.
package struct ContainerEngine: Sendable {
    /// How a command is run: replaced in tests by a transcript.
    package typealias Runner = @Sendable (_ arguments: [String], _ timeout: Duration) async throws -> CommandResult

    /// `docker`, `podman` or `nerdctl`.
    package let name: String
    private let runner: Runner

    package init(_ name: String, runner: @escaping Runner) {
        self.name = name
        self.runner = runner
    }

    /// In kind's own order (its pkg/cluster/provider.go), with how each says its version.
    private static let known = [
        (name: "docker", says: "Docker version"), (name: "nerdctl", says: "nerdctl version"),
        (name: "podman", says: "podman version"),
    ]

    /// The engine that kind itself would take: `KIND_EXPERIMENTAL_PROVIDER`, else the first of docker, nerdctl and podman
    /// that is on PATH and says that it is it: podman may stand there under docker's name.
    ///
    /// - Throws: `.noEngine`, with where to get one.
    package static func detect(environment: [String: String]) async throws(KindError) -> ContainerEngine {
        let names = known.map { $0.name }.joined(separator: ", ")
        if let wanted = environment["KIND_EXPERIMENTAL_PROVIDER"], !wanted.isEmpty {
            guard known.contains(where: { $0.name == wanted }) else {
                throw KindError(
                    .noEngine, "KIND_EXPERIMENTAL_PROVIDER is \(wanted), which is not known here",
                    hint: "Allowed: \(names).")
            }
            guard path(of: wanted, environment) != nil else {
                throw KindError(
                    .noEngine, "KIND_EXPERIMENTAL_PROVIDER is \(wanted), which is not on PATH", hint: origin(wanted))
            }
            return live(wanted)
        }
        for (name, words) in known {
            guard let path = path(of: name, environment),
                let said = try? await Command([path, "-v"], environment: environment).run(timeout: .seconds(10)),
                said.succeeded, said.standardOutput.hasPrefix(words)
            else { continue }
            return live(name)
        }
        throw KindError(.noEngine, "none of \(names) is on PATH", hint: origin("docker"))
    }

    private static func path(of name: String, _ environment: [String: String]) -> String? {
        (environment["PATH"] ?? "").split(separator: ":").map { "\($0)/\(name)" }
            .first { FileManager.default.isExecutableFile(atPath: $0) }
    }

    /// How to get an engine.
    private static func origin(_ name: String) -> String {
        switch name {
        case "podman": "https://podman.io/docs/installation; on Debian: apt-get install podman."
        case "nerdctl":
            "https://github.com/containerd/nerdctl#install; its full archive brings containerd and the network plug-ins."
        default: "https://docs.docker.com/engine/install/; on Debian: apt-get install docker.io, and start dockerd."
        }
    }

    /// The network that kind gives its nodes: `kind`, or what its variable for this engine names. It has none for nerdctl.
    package func network(environment: [String: String]) -> String {
        let variable: String? =
            switch name {
            case "docker": "KIND_EXPERIMENTAL_DOCKER_NETWORK"
            case "podman": "KIND_EXPERIMENTAL_PODMAN_NETWORK"
            default: nil
            }
        let named = variable.flatMap { environment[$0] } ?? ""
        return named.isEmpty ? "kind" : named
    }

    /// Whether the engine knows a network; `false` too where it does not answer.
    package func has(network: String) async -> Bool { (try? await run(["network", "inspect", network])) != nil }

    /// Leaves it where containers still use it.
    package func removeUnused(network: String) async { _ = try? await run(["network", "rm", network]) }

    /// Whether it takes a running container off a network and puts it back. nerdctl has neither command (its command
    /// reference lists both as not implemented).
    package var rewires: Bool { name != "nerdctl" }

    private static func live(_ name: String) -> ContainerEngine {
        ContainerEngine(name) { arguments, timeout in
            try await Command([name] + arguments).run(timeout: timeout)
        }
    }

    /// Runs one command of the engine.
    ///
    /// - Throws: `.timeout`, or `.engine` with what it said.
    @discardableResult
    package func run(_ arguments: [String], timeout: Duration = .seconds(60)) async throws -> String {
        let line = "\(name) \(arguments.joined(separator: " "))"
        let result = try await Waits.telling(line, within: timeout) { try await runner(arguments, timeout) }
        if result.timedOut {
            throw KindError(.timeout, "\(name) \(arguments.joined(separator: " ")): no end within \(timeout)")
        }
        guard result.succeeded else {
            throw KindError(.engine, "\(name) \(arguments.joined(separator: " ")): \(result.standardError)")
        }
        return result.standardOutput
    }

    /// Runs a shell line inside a node, as root, with what its container may do: kind's nodes are privileged.
    @discardableResult
    package func shell(_ node: String, _ line: String, timeout: Duration = .seconds(30)) async throws -> String {
        try await run(["exec", node, "sh", "-c", line], timeout: timeout)
    }

    /// Nodes of a kind cluster, by kind's own label.
    package func nodes(of cluster: String) async throws -> [String] {
        try await run(
            ["ps", "-a", "--filter", "label=io.x-k8s.kind.cluster=\(cluster)", "--format", "{{.Names}}"]
        ).split(separator: "\n").map(String.init).sorted()
    }

    /// Name → full ID of the nodes of all kind clusters.
    package func containers() async throws -> [String: String] {
        let lines = try await run([
            "ps", "-a", "--no-trunc", "--filter", "label=io.x-k8s.kind.cluster", "--format", "{{.ID}} {{.Names}}",
        ]).split(separator: "\n")
        return Dictionary(
            lines.compactMap { line -> (String, String)? in
                let parts = line.split(separator: " ")
                return parts.count == 2 ? (String(parts[1]), String(parts[0])) : nil
            }
        ) { $1 }
    }

    /// Node images that are here, so that no registry is asked for them: `kindest/node:v1.36.2`. One that was pulled by
    /// its digest alone has no tag, and is named without one.
    package func nodeImages() async throws -> [String] {
        let lines = try await run(["images", "--format", "{{.Repository}}:{{.Tag}}"]).split(separator: "\n")
        let names = lines.compactMap { line -> String? in
            guard let colon = line.lastIndex(of: ":") else { return nil }
            let name = line[..<colon]
            // podman writes the registry before it.
            guard name == "kindest/node" || name.hasSuffix("/kindest/node") else { return nil }
            return line.hasSuffix(":<none>") ? String(name) : String(line)
        }
        return Set(names).sorted()
    }

    /// Whether an image is here.
    package func has(image: String) async -> Bool {
        (try? await run(["image", "inspect", image])) != nil
    }

    /// A container as the engine sees it.
    package struct State: Sendable, Equatable {
        package var isRunning: Bool
        package var isPaused: Bool
        /// Network → IPv4 address; empty text where it has none now.
        package var networks: [String: String]

        /// nerdctl knows the interface and not the network: `unknown-eth0`. kind's nodes have one network alone.
        package func address(on network: String) -> String? {
            networks[network] ?? networks.first { $0.key.hasPrefix("unknown-") }?.value
        }
    }

    /// - Throws: `.engine` if there is no such container.
    package func state(_ node: String) async throws -> State {
        let text = try await run(["inspect", "--type", "container", node])
        guard let object = try JSONValue(parsing: text).at(0) else {
            throw KindError(.engine, "\(name) inspect \(node) printed no container")
        }
        let networks = object[path: "NetworkSettings.Networks"]?.objectValue ?? [:]
        return State(
            isRunning: object[path: "State.Running"]?.boolValue ?? false,
            isPaused: object[path: "State.Paused"]?.boolValue ?? false,
            networks: Dictionary(
                uniqueKeysWithValues: networks.map { ($0.key, $0.value["IPAddress"]?.stringValue ?? "") }))
    }
}
