import QuakeCluster
import QuakeKube
import QuakePlan
import QuakeTestSupport
import Synchronization

/// A Kubernetes API of a few objects, and the plugs of its nodes, as a test writes them down. The API answers nothing
/// while no control plane runs.
final class FakeCluster: Sendable {
    private struct State {
        var objects: [String: JSONValue] = [:]
        var isUp = true
        /// What was done, in order: `start NODE`, `PATCH /path`.
        var log: [String] = []
        var machines: [String: String] = [:]
        /// Nodes that do not start.
        var stuck: Set<String> = []
        var denied: Set<String> = []
        /// Path → reads that still find an object whose deletion has begun.
        var held: [String: Int] = [:]
    }

    static let uid = "uid-of-cluster"
    private let state = Mutex(State())
    private let server: Mutex<ScriptedServer?> = Mutex(nil)

    init() {
        put("/api/v1/namespaces/kube-system", ["metadata": ["name": "kube-system", "uid": .string(Self.uid)]])
        let made = ScriptedServer { [weak self] connection in
            while let head = connection.head() {
                guard let self, self.answer(head, connection) else { return connection.reset() }
            }
        }
        server.withLock { $0 = made }
    }

    deinit { server.withLock { $0?.stop() } }

    var log: [String] { state.withLock { $0.log } }
    func set(up: Bool) { state.withLock { $0.isUp = up } }
    func put(_ path: String, _ object: JSONValue?) { state.withLock { $0.objects[path] = object } }
    func object(_ path: String) -> JSONValue? { state.withLock { $0.objects[path] } }
    func stick(_ node: String) { state.withLock { _ = $0.stuck.insert(node) } }
    /// The object stays for some reads after its deletion, as one with a finalizer.
    func hold(_ path: String, forReads count: Int) { state.withLock { $0.held[path] = count } }
    /// Rights that reviews deny, as `verb resource[/subresource]`.
    func deny(_ rights: Set<String>) { state.withLock { $0.denied = rights } }

    /// A node that is off.
    func add(_ node: String, machine: String? = nil) {
        state.withLock { state in
            state.machines[node] = machine
            state.objects["/api/v1/nodes/\(node)"] = [
                "metadata": ["name": .string(node), "uid": .string("uid-\(node)")],
                "status": ["conditions": [["type": "Ready", "status": "Unknown"]]],
            ]
        }
    }

    var cluster: Cluster {
        let address = server.withLock { "http://127.0.0.1:\($0?.port ?? 0)" }
        let context = Kubeconfig.Context(name: "fake", cluster: .init(name: "fake", server: address))
        return Cluster(
            name: "west", uid: Self.uid, kube: KubeClient(context),
            kubectl: Kubectl(kubeconfigPath: "/dev/null", context: "fake", cacheDirectory: "/nonexistent"),
            power: FakePower(fake: self))
    }

    // MARK: - Power

    func start(_ node: String) throws {
        try state.withLock { state in
            state.log.append("start \(node)")
            if state.stuck.contains(node) { throw ClusterError(.failed, "\(node) is stuck") }
            if node.hasPrefix("control") { state.isUp = true }
            state.objects["/api/v1/nodes/\(node)"]?["status"] = ["conditions": [["type": "Ready", "status": "True"]]]
        }
    }

    var machines: [String: String] { state.withLock { $0.machines } }

    // MARK: - The API

    private func answer(_ head: String, _ connection: ScriptedServer.Connection) -> Bool {
        let words = head.split(separator: " ")
        let (method, path) = (String(words[0]), String(words[1].prefix { $0 != "?" }))
        let body = (try? JSONValue(parsing: connection.body(of: head))) ?? .null
        let (isUp, answer) = state.withLock { state -> (Bool, (Int, JSONValue)) in
            (state.isUp, state.isUp ? Self.serve(method, path, body, &state) : (0, .null))
        }
        guard isUp else { return false }
        connection.answer(
            answer.0, ["content-type: application/json"], body: String(decoding: answer.1.serialized(), as: UTF8.self))
        return true
    }

    private static func serve(_ method: String, _ path: String, _ body: JSONValue, _ state: inout State) -> (
        Int, JSONValue
    ) {
        if path.hasSuffix("/selfsubjectaccessreviews") { return (201, review(body, state.denied)) }
        if path == "/api/v1/nodes" {
            let nodes = state.objects.filter { $0.key.hasPrefix("/api/v1/nodes/") }.map(\.value)
            return (200, ["items": .array(nodes)])
        }
        if method != "GET" { state.log.append("\(method) \(path)") }
        if method == "POST" {
            let place = "\(path)/\(body.name)"
            guard state.objects[place] == nil else { return (409, ["reason": "AlreadyExists"]) }
            var made = body
            made.set("made", at: "metadata", "uid")
            state.objects[place] = made
            return (201, made)
        }
        guard var found = state.objects[path] else { return (404, ["reason": "NotFound"]) }
        switch method {
        case "PUT": state.objects[path] = body
        case "DELETE" where state.held[path] != nil:
            state.objects[path]?.set("2026-01-01T00:00:00Z", at: "metadata", "deletionTimestamp")
        case "DELETE": state.objects[path] = nil
        case "GET" where found.isBeingDeleted:
            let left = (state.held[path] ?? 0) - 1
            state.held[path] = left
            if left < 0 {
                state.objects[path] = nil
                state.log.append("gone \(path)")
                return (404, ["reason": "NotFound"])
            }
        case "PATCH":
            for (key, value) in body["spec"]?.objectValue ?? [:] { found.set(value, at: "spec", key) }
            state.objects[path] = found
        default: break
        }
        return (200, found)
    }

    private static func review(_ body: JSONValue, _ denied: Set<String>) -> JSONValue {
        let attributes = body[path: "spec.resourceAttributes"] ?? .null
        let subresource = attributes["subresource"]?.stringValue.map { "/\($0)" } ?? ""
        let right =
            "\(attributes["verb"]?.stringValue ?? "") \(attributes["resource"]?.stringValue ?? "")\(subresource)"
        return ["status": ["allowed": .bool(!denied.contains(right))]]
    }
}

private struct FakePower: NodePower {
    var fake: FakeCluster

    func isWhole(_ node: String) async throws -> Bool { true }
    func kill(_ node: String, how: KillMethod) async throws -> EffectInterval { EffectInterval(from: 0, to: 0) }
    func restore(_ node: String) async throws { try fake.start(node) }
    func restart(_ node: String) async throws -> EffectInterval { EffectInterval(from: 0, to: 0) }
    func remove(_ node: String) async throws {}
    func provision(_ node: String) async throws { try fake.start(node) }
    func machines() async throws -> [String: String] { fake.machines }
}
