import Foundation
import QuakeCluster
import QuakeKube
import QuakeTestSupport
import Synchronization
import Testing

@testable import QuakePeering

@Suite("ztunnel's admin server", .timeLimit(.minutes(3)))
struct ZtunnelAdminTests {
    private let directory: TemporaryDirectory
    private let pod: JSONValue = ["metadata": ["namespace": "istio-system", "name": "ztunnel-x", "uid": "u"]]

    init() throws { directory = try TemporaryDirectory() }

    /// A cluster whose kubectl forwards to a server of this test's own, and counts how often it was started.
    private func cluster(_ port: Int) throws -> Cluster {
        let script = try directory.script(
            "kubectl",
            """
            echo x >>\(directory.path)/started; echo "Forwarding from 127.0.0.1:\(port) -> 15000"; exec sleep 600
            """)
        let context = Kubeconfig.Context(
            name: "east", cluster: .init(name: "east", server: "http://127.0.0.1:1"), user: .init(name: "east"))
        return Cluster(
            name: "east", uid: "east", kube: KubeClient(context),
            kubectl: Kubectl(
                binary: script, kubeconfigPath: "/absent", context: "east", cacheDirectory: "/tmp",
                environment: ["PATH": "/bin:/usr/bin"]))
    }

    private func started() -> Int {
        ((try? String(contentsOfFile: "\(directory.path)/started", encoding: .utf8)) ?? "").filter { $0 == "x" }.count
    }

    @Test("is read through one port-forward, again and again")
    func read() async throws {
        let dump = #"{"workloads": [{"uid": "NetworkGateway/n/1.1.1.1/30000", "network": "n"}]}"#
        let server = ScriptedServer { connection in
            while let head = connection.head() {
                let isRight = head.hasPrefix("GET /config_dump HTTP/1.1\r\n")
                connection.answer(isRight ? 200 : 400, body: dump)
            }
        }
        let (admin, cluster) = (ZtunnelAdmin(), try cluster(server.port))
        for _ in 1...3 {
            let config = try await admin.config(of: pod, in: cluster)
            #expect(config.known(in: "n").map(\.description) == ["1.1.1.1:30000"])
        }
        #expect(started() == 1)
    }

    @Test("is reached again after an answer that is not one")
    func renewed() async throws {
        let server = ScriptedServer { connection in
            guard connection.head() != nil else { return }
            connection.answer(503, ["connection: close"], body: "")
        }
        let (admin, cluster) = (ZtunnelAdmin(), try cluster(server.port))
        for _ in 1...2 {
            let error = await #expect(throws: KubeError.self) { try await admin.config(of: pod, in: cluster) }
            #expect(error?.message == "/config_dump on port 15000 of pod ztunnel-x answers 503")
        }
        #expect(started() == 2)
    }

    @Test("tells its levels of logging, and takes them back as they were")
    func levels() async throws {
        let asked = Mutex<[String]>([])
        let server = ScriptedServer { connection in
            while let head = connection.head() {
                asked.withLock { $0.append(head.split(separator: "\r\n").first.map { String($0) } ?? "") }
                connection.answer(200, body: "current log level is access=info,info\n")
            }
        }
        let cluster = try cluster(server.port)
        #expect(try await ZtunnelAdmin().logLevels(of: pod, in: cluster) == "access=info,info")
        try await ProxyLevels.write("access=info,info", of: pod, by: cluster.kubectl)
        #expect(
            asked.withLock { $0 } == [
                "POST /logging HTTP/1.1", "POST /logging?reset=1&level=access%3Dinfo%2Cinfo HTTP/1.1",
            ])
    }

    @Test("whose answer about its levels is another one is an error")
    func otherLevels() async throws {
        let server = ScriptedServer { connection in
            while connection.head() != nil { connection.answer(200, body: "usage: POST /logging\n") }
        }
        let cluster = try cluster(server.port)
        await #expect(throws: KubeError.self) { try await ZtunnelAdmin().logLevels(of: pod, in: cluster) }
    }
}
