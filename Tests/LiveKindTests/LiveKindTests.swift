import Foundation
import QuakeCluster
import QuakeKind
import QuakeKube
import QuakePlan
import Testing

/// Against real kind clusters that are up: `PEERQUAKE_LIVE=1 KUBECONFIG=… swift test --filter LiveKindTests`.
@Suite(
    "On real kind", .serialized, .timeLimit(.minutes(20)),
    .enabled(if: ProcessInfo.processInfo.environment["PEERQUAKE_LIVE"] == "1", "PEERQUAKE_LIVE=1 is not set"))
struct LiveKindTests {
    private let kube: KubeClient
    private let power: KindPower
    private let plane: KindControlPlane
    private let engine: ContainerEngine
    private let name: String

    init() async throws {
        let environment = ProcessInfo.processInfo.environment
        name = environment["PEERQUAKE_LIVE_CLUSTER"] ?? "east"
        let config = try Kubeconfig.load(environment: environment)
        kube = KubeClient(try config.context("kind-\(name)"))
        engine = try await ContainerEngine.detect(environment: environment)
        power = KindPower(engine)
        plane = KindControlPlane(engine, cluster: name, kube: kube)
    }

    private var worker: String { "\(name)-worker2" }

    private func node() async throws -> JSONValue { try await kube.get(.node(worker)) }

    /// Seconds until the node's Ready condition has this status.
    private func seconds(until status: String, within limit: Int) async throws -> Double {
        let clock = ContinuousClock()
        let began = clock.now
        while clock.now - began < .seconds(limit) {
            if try await NodeView(node()).readiness == status { return (clock.now - began) / .seconds(1) }
            try await Task.sleep(for: .milliseconds(200))
        }
        Issue.record("\(worker) is not Ready=\(status) after \(limit) s")
        return .infinity
    }

    @Test("each death shows as NotReady within its window, and is undone whole", arguments: KillMethod.allCases)
    func deaths(how: KillMethod) async throws {
        let before = try await node()
        try #require(NodeView(before).isReady)
        try #require(try await power.isWhole(worker))
        let flags = try await plane.controllerManagerFlags()
        let grace = flags["node-monitor-grace-period"].flatMap(Quantity.duration) ?? .seconds(50)
        try await power.kill(worker, how: how)
        #expect(try await !power.isWhole(worker))
        let detection = try await seconds(until: "Unknown", within: Int(grace / .seconds(1)) + 20)
        print("\(how.rawValue): NotReady after \(detection) s at grace \(grace)")
        // A lease is renewed each 10 s, and looked at each 5 s.
        #expect(detection >= grace / .seconds(1) - 10.5)
        #expect(detection <= grace / .seconds(1) + 10.5)
        try await power.restore(worker)
        let recovery = try await seconds(until: "True", within: 120)
        print("\(how.rawValue): Ready \(recovery) s after the restoration")
        #expect(try await power.isWhole(worker))
        #expect(try await NodeView(node()).internalIP == NodeView(before).internalIP)
        // kindnet puts the routes to the other nodes' pods back up to 10 s after a start; the taints go a moment after
        // Ready comes.
        let routes = "ip -4 route show | grep -c ' via ' || true"
        var (count, taints) = (0, 1)
        for _ in 0..<100 where count < 2 || taints > 0 {
            try await Task.sleep(for: .milliseconds(200))
            count = Int(try await engine.shell(worker, routes).trimmingCharacters(in: .whitespacesAndNewlines)) ?? 0
            taints = try await NodeView(node()).taints.count
        }
        #expect(count >= 2 && taints == 0)
    }

    @Test("the controller manager's flag changes, leads, and its manifest comes back byte for byte")
    func flags() async throws {
        let manifest = "cat /etc/kubernetes/manifests/kube-controller-manager.yaml"
        let node = "\(name)-control-plane"
        let before = try await engine.shell(node, manifest)
        let flag = SetNodeMonitorGracePeriod.flag
        let old = try await plane.controllerManagerFlags()[flag] ?? ""
        let began = ContinuousClock.now
        try await plane.setControllerManagerFlags([flag: "33s"])
        print("a new controller manager leads after \((ContinuousClock.now - began) / .seconds(1)) s")
        #expect(try await plane.controllerManagerFlags()[flag] == "33s")
        #expect(try await engine.shell(node, manifest) != before)
        try await plane.setControllerManagerFlags([flag: old])
        #expect(try await engine.shell(node, manifest) == before)
        #expect(try await engine.shell(node, "ls /etc/kubernetes").contains("peerquake") == false)
    }
}
