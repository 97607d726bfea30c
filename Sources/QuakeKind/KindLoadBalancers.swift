import FoundationEssentials
import QuakeBase
import QuakeKube
package import QuakeMesh
import QuakeMeshInstall

/// Load balancers of kind clusters: one container on kind's network for each Service, running the agent's
/// `loadbalancer` role, the very code that the embedded clusters run. A stand-in for cloud-provider-kind and MetalLB,
/// and out of the way where one of them is there.
package struct KindLoadBalancers: LoadBalancerMaker {
    /// On each container; its value is the cluster's name.
    package static let label = "peerquake.dev/cluster"
    private static let account = "/var/run/secrets/kubernetes.io/serviceaccount"

    private let engine: ContainerEngine
    private let network: String
    private let timeout: Duration

    /// - Parameter timeout: for a container to answer its health check.
    package init(_ engine: ContainerEngine, network: String = "kind", timeout: Duration = .seconds(30)) {
        self.engine = engine
        self.network = network
        self.timeout = timeout
    }

    package func provide(_ front: LoadBalancerFront) async throws {
        if try await isProvided(by: front) { return }
        let name = "peerquake-lb-\(front.cluster)-\(front.service)"
        let server = try await apiServer(of: front.cluster)
        let (token, authority) = try await credentials(front)
        // One that is there may belong to a cluster of this name that is gone.
        _ = try? await engine.run(["rm", "--force", name])
        let settings =
            front.environment(address: "0.0.0.0") + [
                ("KUBERNETES_SERVICE_HOST", server), ("KUBERNETES_SERVICE_PORT", "6443"),
            ]
        try await engine.run(
            [
                "create", "--name", name, "--network", network, "--label", "\(Self.label)=\(front.cluster)",
                "--restart", "on-failure",
            ] + settings.flatMap { ["--env", "\($0.name)=\($0.value)"] } + [MeshNames.image, "loadbalancer"])
        try await copy(["token": token, "ca.crt": authority], to: name)
        try await engine.run(["start", name])
        guard let address = try await engine.state(name).address(on: network), !address.isEmpty else {
            throw KindError(.node, "the load balancer \(name) got no address on \(network)")
        }
        try await awaitHealth(name, address, port: front.adminPort)
        try await front.kube.patch(
            .service(front.namespace, front.service).subresource("status"),
            ["status": ["loadBalancer": ["ingress": [["ip": .string(address)]]]]])
    }

    package func remove(cluster: String) async throws {
        let found = try await engine.run(["ps", "-aq", "--filter", "label=\(Self.label)=\(cluster)"])
            .split(separator: "\n").map(String.init)
        if !found.isEmpty { try await engine.run(["rm", "--force"] + found) }
    }

    // MARK: - What is there

    /// cloud-provider-kind runs as a container of that name or as a process beside us; MetalLB in a namespace.
    private func isProvided(by front: LoadBalancerFront) async throws -> Bool {
        let running = try await engine.run(["ps", "--format", "{{.Names}} {{.Image}}"])
        if running.contains("cloud-provider-kind") || Self.isRunning("cloud-provider-kind") { return true }
        return (try? await front.kube.get(.namespace("metallb-system"))) != nil
    }

    private static func isRunning(_ program: String) -> Bool {
        let processes = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return processes.contains { process in
            guard process.allSatisfy(\.isNumber),
                let data = FileManager.default.contents(atPath: "/proc/\(process)/comm")
            else { return false }
            // The kernel cuts a command's name at 15 characters.
            return String(decoding: data, as: UTF8.self).hasPrefix(program.prefix(15))
        }
    }

    /// A name of the API server that its certificate holds and that kind's network resolves.
    private func apiServer(of cluster: String) async throws -> String {
        for role in ["external-load-balancer", "control-plane"] {
            let found = try await engine.run([
                "ps", "-a", "--filter", "label=io.x-k8s.kind.cluster=\(cluster)", "--filter",
                "label=io.x-k8s.kind.role=\(role)", "--format", "{{.Names}}",
            ]).split(separator: "\n").map(String.init).sorted()
            if let first = found.first { return first }
        }
        throw KindError(.config, "\(cluster) has no control-plane container here")
    }

    /// The load balancers' own account: it reads its cluster's Nodes and those Services, nothing else.
    private func credentials(_ front: LoadBalancerFront) async throws -> (token: String, authority: String) {
        for object in MeshManifests.loadBalancerAccess { try await front.kube.apply(object) }
        let secret = ResourcePath.secret(MeshNames.systemNamespace, MeshNames.loadBalancerToken)
        let what = "\(front.cluster): the load balancers' token"
        do {
            return try await poll(until: what, within: .seconds(30), every: .milliseconds(200)) {
                () -> Look<(token: String, authority: String)> in
                let data = try await front.kube.get(secret)["data"]
                guard let token = Self.decode(data?["token"]) else { return .notYet("no token") }
                guard let authority = Self.decode(data?["ca.crt"]) else { return .notYet("a token without ca.crt") }
                return .met((token, authority))
            }
        } catch let timeout as PollTimeout {
            throw KindError(.timeout, "\(what) was not filled in within 30 s: its Secret has \(timeout.last)")
        }
    }

    private static func decode(_ value: JSONValue?) -> String? {
        value?.stringValue.flatMap { Data(base64Encoded: $0) }.map { String(decoding: $0, as: UTF8.self) }
    }

    private func copy(_ files: [String: String], to container: String) async throws {
        let folder = "\(FileManager.default.temporaryDirectory.path)/peerquake-\(UInt64.random(in: 0...UInt64.max))"
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        defer { try? FileManager.default.removeItem(atPath: folder) }
        for (name, text) in files {
            try Data(text.utf8).write(to: URL(fileURLWithPath: "\(folder)/\(name)"))
        }
        try await engine.run(["cp", "\(folder)/.", "\(container):\(Self.account)"])
    }

    private func awaitHealth(_ name: String, _ address: String, port: Int) async throws {
        let what = "the load balancer \(name) at \(address)"
        do {
            try await poll(until: what, within: timeout, every: .milliseconds(200)) { () -> Look<Void> in
                await AgentAdmin.isHealthy(at: address, port: port) ? .met(()) : .notYet("no healthy answer")
            }
        } catch is PollTimeout {
            let said = (try? await engine.run(["logs", "--tail", "5", name])) ?? ""
            throw KindError(.timeout, "\(what) does not answer after \(timeout)", hint: said.isEmpty ? nil : said)
        }
    }
}
