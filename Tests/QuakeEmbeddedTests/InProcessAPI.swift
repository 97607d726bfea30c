import Foundation
import NIOPosix
import QuakeKube
import QuakeYAML
import Testing

@testable import QuakeEmbedded

/// An embedded cluster's API without a socket: a control plane and three workers, in zones of their own.
final class InProcessAPI: Sendable {
    let core: ClusterCore
    private let handler: APIHandler

    convenience init(controlPlane: String = "", name: String = "test") async throws {
        let shape = try ClusterShape.parse(
            """
            kind: Cluster
            apiVersion: kind.x-k8s.io/v1alpha4
            name: \(name)
            nodes:
              - role: control-plane
              - {role: worker, labels: {topology.kubernetes.io/zone: a}}
              - {role: worker, labels: {topology.kubernetes.io/zone: b}}
              - {role: worker, labels: {topology.kubernetes.io/zone: c}}
            """, file: "test.yaml")
        await self.init(shape)
    }

    init(_ shape: ClusterShape) async {
        core = ClusterCore(shape, addresses: AddressPlan(network: 77, cluster: 0), seed: 5)
        handler = APIHandler(
            core: core, control: ControlAPI(core: core, watch: LoopWatch()),
            proxy: PodProxy(group: MultiThreadedEventLoopGroup.singleton))
        await core.start()
    }

    struct Answer: Sendable {
        var code: Int
        var body: JSONValue
        var warnings: [String]

        var reason: String { body["reason"]?.stringValue ?? "" }
        var message: String { body["message"]?.stringValue ?? "" }
        var causes: [String] {
            (body[path: "details.causes"]?.arrayValue ?? []).map {
                "\($0["field"]?.stringValue ?? "") \($0["reason"]?.stringValue ?? "")"
            }
        }
    }

    func call(
        _ method: String, _ target: String, _ body: [UInt8] = [], type: String = "application/json"
    ) async -> Answer {
        let request = APIRequest(method: method, target: target, contentType: type, accept: "", body: body)
        guard case .json(let value, let code, let warnings) = await handler.answer(request).whole else {
            return Answer(code: 0, body: .null, warnings: [])
        }
        return Answer(code: code, body: value, warnings: warnings)
    }

    @discardableResult
    func post(_ target: String, _ yaml: String) async throws -> Answer {
        await call("POST", target, Array(try YAML.parse(yaml, file: "object").json.utf8))
    }

    func get(_ target: String) async -> JSONValue { await call("GET", target).body }

    func list(_ target: String) async -> [JSONValue] { await get(target)["items"]?.arrayValue ?? [] }

    /// Waits for the cluster's real time to bring something about.
    func eventually(_ what: String, _ condition: () async throws -> Bool) async throws {
        let deadline = ContinuousClock.now + .seconds(20)
        while ContinuousClock.now < deadline {
            if try await condition() { return }
            try await Task.sleep(for: .milliseconds(20))
        }
        Issue.record("not seen: \(what)")
    }

    func stop() async { await core.stop() }
}

extension YAMLNode {
    /// As JSON text with its keys in their order, as a client would send it.
    var json: String {
        if let pairs = mapping {
            return
                "{\(pairs.map { "\(JSONValue.string($0.key.scalar ?? "").text()):\($0.value.json)" }.joined(separator: ","))}"
        }
        if let elements = sequence { return "[\(elements.map(\.json).joined(separator: ","))]" }
        return JSONValue(yaml: self).text()
    }
}
