import Foundation
import QuakeTestSupport
import Testing

@testable import QuakeKube

@Suite("A port-forward by kubectl", .timeLimit(.minutes(3)))
struct PortForwardTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private func kubectl(_ body: String) throws -> Kubectl {
        Kubectl(
            binary: try directory.script("kubectl", body), kubeconfigPath: "/absent", context: "east",
            cacheDirectory: "/tmp", environment: ["PATH": "/bin:/usr/bin"])
    }

    private func open(_ kubectl: Kubectl, within limit: Duration = .seconds(20)) async throws(KubeError) -> PortForward
    {
        try await PortForward.open(kubectl, namespace: "istio-system", pod: "ztunnel-x", port: 15_000, within: limit)
    }

    @Test("listens on a port of kubectl's choice, and ends kubectl when it is closed")
    func opens() async throws {
        let pid = directory.path + "/pid"
        let forward = try await open(
            kubectl(
                """
                echo "$@" >\(directory.path)/arguments; echo $$ >\(pid)
                echo 'Forwarding from 127.0.0.1:41337 -> 15000'; echo 'Handling connection for 41337'
                exec sleep 600
                """))
        #expect(forward.port == 41_337)
        #expect(forward.isOpen)
        let arguments = try String(contentsOfFile: "\(directory.path)/arguments", encoding: .utf8)
        #expect(
            arguments
                == "--context east --cache-dir /tmp port-forward --namespace istio-system --address 127.0.0.1 "
                + "pod/ztunnel-x :15000\n")
        let process = try #require(
            pid_t(try String(contentsOfFile: pid, encoding: .utf8).trimmingCharacters(in: .whitespacesAndNewlines)))
        await forward.close()
        #expect(!forward.isOpen)
        #expect(kill(process, 0) != 0, "kubectl is gone")
    }

    @Test("is closed with all others at the end of the process that opened it")
    func closesAll() async throws {
        let all = PortForwards()
        let kubectl = try kubectl("echo 'Forwarding from 127.0.0.1:41337 -> 15000'; exec sleep 600")
        var forwards: [PortForward] = []
        for pod in ["a", "b"] {
            forwards.append(
                try await PortForward.open(
                    kubectl, namespace: "n", pod: pod, port: 1, within: .seconds(20), among: all))
        }
        #expect(forwards.allSatisfy { $0.isOpen })
        await all.closeAll()
        #expect(!forwards.contains { $0.isOpen })
        await all.closeAll()
    }

    @Test("says what kubectl said last where it ends before it listens")
    func ends() async throws {
        let error = await #expect(throws: KubeError.self) {
            try await open(kubectl("echo 'error: pods \"ztunnel-x\" not found' >&2; exit 1"))
        }
        #expect(error?.code == .command)
        #expect(error?.message == "kubectl ended with 1: error: pods \"ztunnel-x\" not found")
        #expect(error?.context == "port-forward to 15000 of pod istio-system/ztunnel-x")
    }

    @Test("says what it waited for where kubectl says no port")
    func silent() async throws {
        let error = await #expect(throws: KubeError.self) {
            try await open(kubectl("exec sleep 600"), within: .milliseconds(300))
        }
        #expect(error?.code == .timeout)
        #expect(error?.message.contains("kubectl has said no port") == true)
    }

    @Test(
        "reads kubectl's line, of whichever version",
        arguments: [
            ("Forwarding from 127.0.0.1:41337 -> 15000", 41_337), ("Forwarding from [::1]:41337 -> 15000", nil),
            ("Handling connection for 41337", nil), ("Forwarding from 127.0.0.1: -> 15000", nil),
        ] as [(String, Int?)])
    func lines(line: String, port: Int?) { #expect(PortForward.port(in: line) == port) }
}
