import Foundation
import QuakeCluster
import QuakeKube
import QuakeTestSupport
import Synchronization
import Testing

@testable import QuakeRun

@Suite("Events on what a run touches", .timeLimit(.minutes(3)))
struct FaultEventsTests {
    /// An API server of one node, which keeps what it is asked.
    private final class Fake: Sendable {
        final class Asked: Sendable { let requests = Mutex<[(line: String, body: String)]>([]) }

        let asked = Asked()
        let server: ScriptedServer

        /// - Parameter patched: what it answers to a PATCH, `created` to a POST.
        init(created: Int = 201, patched: Int = 200) {
            let asked = asked
            server = ScriptedServer { connection in
                while let head = connection.head() {
                    let line = head.components(separatedBy: "\r\n")[0]
                    let body = connection.body(of: head)
                    asked.requests.withLock { $0.append((line, body)) }
                    switch line.prefix(4) {
                    case "POST" where created >= 400:
                        connection.answer(created, body: "{\"kind\":\"Status\",\"reason\":\"Forbidden\"}")
                    case "PATC" where patched >= 400:
                        connection.answer(patched, body: "{\"kind\":\"Status\",\"reason\":\"NotFound\"}")
                    default:
                        connection.answer(
                            body:
                                "{\"apiVersion\":\"v1\",\"kind\":\"Node\",\"metadata\":{\"name\":\"w\",\"uid\":\"u\"}}")
                    }
                }
            }
        }

        var cluster: Cluster {
            let context = Kubeconfig.Context(
                name: "west", cluster: Kubeconfig.Cluster(name: "c", server: "http://127.0.0.1:\(server.port)"))
            return Cluster(
                name: "west", uid: "west-uid", kube: KubeClient(context),
                kubectl: Kubectl(kubeconfigPath: "", context: "west", cacheDirectory: ""))
        }

        func count(_ method: String) -> Int { asked.requests.withLock { $0.count { $0.line.hasPrefix(method) } } }
    }

    private let complaints = Complaints()
    private final class Complaints: Sendable { let texts = Mutex<[String]>([]) }

    private func events() -> FaultEvents {
        let complaints = complaints
        return FaultEvents(run: "20260131T021500Z-node-blip-0a1b") { text in
            complaints.texts.withLock { $0.append(text) }
        }
    }

    @Test("name the object, the reason and the run; said again, they are counted up")
    func counted() async throws {
        let fake = Fake()
        defer { fake.server.stop() }
        let events = events()
        for _ in 0..<3 { events.tell(.fault, "kill-node, step kill", on: [.node("w")], of: fake.cluster) }
        events.tell(.healing, "start-node, step start", on: [.node("w")], of: fake.cluster)
        await events.finish()
        #expect(fake.count("POST /api/v1/namespaces/default/events") == 2)
        let patches = fake.asked.requests.withLock { $0.filter { $0.line.hasPrefix("PATCH") } }
        #expect(try patches.map { try JSONValue(parsing: $0.body)["count"]?.intValue } == [2, 3])
        let made = try fake.asked.requests.withLock {
            try $0.filter { $0.line.hasPrefix("POST") }.map { try JSONValue(parsing: $0.body) }
        }
        let fault = try #require(made.first { $0["reason"] == "Fault" })
        #expect(fault["type"] == "Warning")
        #expect(fault[path: "involvedObject.kind"] == "Node")
        #expect(fault[path: "involvedObject.uid"] == "u")
        #expect(fault["message"] == "kill-node, step kill (Peerquake, run 20260131T021500Z-node-blip-0a1b)")
        #expect(fault.name.hasPrefix("w.20260131t021500z0a1b."))
        #expect(made.contains { $0["reason"] == "Healing" && $0["type"] == "Normal" })
        #expect(complaints.texts.withLock { $0.isEmpty })
    }

    @Test("that have expired are written again")
    func expired() async throws {
        let fake = Fake(patched: 404)
        defer { fake.server.stop() }
        let events = events()
        for _ in 0..<2 { events.tell(.fault, "cordon, step 1", on: [.node("w")], of: fake.cluster) }
        await events.finish()
        #expect(fake.count("PATCH") == 1)
        #expect(fake.count("POST") == 2)
    }

    @Test("that an account may not write are left out, which is reported once")
    func forbidden() async throws {
        let fake = Fake(created: 403)
        defer { fake.server.stop() }
        let events = events()
        for step in 1...3 { events.tell(.fault, "cordon, step \(step)", on: [.node("w")], of: fake.cluster) }
        await events.finish()
        let told = complaints.texts.withLock { $0 }
        #expect(told.count == 1)
        #expect(told.first?.hasPrefix("west: Events cannot be written: ") == true)
    }

    @Test("are few where a cluster is slow or there is much to tell")
    func bounded() async throws {
        let fake = Fake()
        defer { fake.server.stop() }
        let events = events()
        // None of them has begun when the last is told, or most have: either way no more wait than may.
        for step in 0..<(FaultEvents.waiting * 4) {
            events.tell(.fault, "cordon, step \(step)", on: [.node("w")], of: fake.cluster)
        }
        await events.finish()
        #expect(fake.count("POST") < FaultEvents.waiting * 4)
        #expect(fake.count("POST") > 0)
    }

    @Test("are about pods that are gone, workloads and Services as well")
    func subjects() {
        let pod = ObjectReference(apiVersion: "v1", kind: "Pod", namespace: "demo", name: "echo-1", uid: "u")
        func subject(_ inverse: Inverse, _ object: ObjectReference? = nil) -> FaultEvents.Subject? {
            FaultEvents.Subject(
                Mutation(cluster: "west", action: "a", about: "b", object: object, inverse: inverse) {})
        }
        #expect(subject(.none, pod) == .object(pod))
        #expect(
            subject(.scale(namespace: "demo", kind: "deployment", name: "echo", uid: "u", replicas: 1))
                == .path("/apis/apps/v1/namespaces/demo/deployments/echo"))
        #expect(subject(.patch(path: "/p", uid: "u", patch: [:])) == .path("/p"))
        // Nodes are told of with the fault.
        #expect(subject(.restoreNode(node: "w", uid: "u")) == nil)
        #expect(FaultEvents.Subject(Inverse.restoreNode(node: "w", uid: "u")) == .node("w"))
        #expect(FaultEvents.Subject(Inverse.none) == nil)
    }
}
