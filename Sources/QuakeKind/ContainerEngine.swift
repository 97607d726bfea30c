import FoundationEssentials
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

    /// The engine that kind itself would take: `KIND_EXPERIMENTAL_PROVIDER`, else the first of docker, podman and
    /// nerdctl that is on PATH (kind's pkg/cluster/provider.go).
    ///
    /// - Throws: `.noEngine`, with where to get one.
    package static func detect(environment: [String: String]) throws(KindError) -> ContainerEngine {
        let known = ["docker", "podman", "nerdctl"]
        let folders = (environment["PATH"] ?? "").split(separator: ":").map(String.init)
        func isThere(_ name: String) -> Bool {
            folders.contains { FileManager.default.isExecutableFile(atPath: "\($0)/\(name)") }
        }
        if let wanted = environment["KIND_EXPERIMENTAL_PROVIDER"], !wanted.isEmpty {
            guard known.contains(wanted), isThere(wanted) else {
                throw KindError(
                    .noEngine, "KIND_EXPERIMENTAL_PROVIDER is \(wanted), which is not on PATH",
                    hint: "Allowed: \(known.joined(separator: ", ")).")
            }
            return live(wanted)
        }
        guard let found = known.first(where: isThere) else {
            throw KindError(
                .noEngine, "none of \(known.joined(separator: ", ")) is on PATH",
                hint: "On Debian: apt-get install docker.io, and start dockerd.")
        }
        return live(found)
    }

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
        let result = try await runner(arguments, timeout)
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

    /// A container as the engine sees it.
    package struct State: Sendable, Equatable {
        package var isRunning: Bool
        package var isPaused: Bool
        /// Network → IPv4 address; empty text where it has none now.
        package var networks: [String: String]
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
