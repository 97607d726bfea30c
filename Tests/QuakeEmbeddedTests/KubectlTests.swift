import Foundation
import QuakeKube
import Testing

extension Kubectl {
    /// Runs it and returns what it printed; its failure fails the test.
    fileprivate func ok(_ arguments: String...) async throws -> String {
        let result = try await run(arguments)
        #expect(result.succeeded, "\(result.commandLine)\n\(result.standardOutput)\(result.standardError)")
        return result.standardOutput
    }

    /// A manifest given as text.
    fileprivate func apply(_ manifest: String) async throws -> String {
        let file = cacheDirectory + "-\(UUID().uuidString).yaml"
        try Data(manifest.utf8).write(to: URL(filePath: file))
        return try await ok("apply", "-f", file)
    }
}

@Suite("A real kubectl against an embedded cluster", .serialized)
struct KubectlTests {
    private static let environment = ProcessInfo.processInfo.environment
    private static let new = environment["PEERQUAKE_KUBECTL_NEW"]
    private static let old = environment["PEERQUAKE_KUBECTL_OLD"].flatMap { $0.hasPrefix("/") ? $0 : nil }

    static let deployment = """
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: web, namespace: shop, labels: {tier: front}}
        spec:
          replicas: 2
          selector: {matchLabels: {app: web}}
          template:
            metadata: {labels: {app: web}}
            spec:
              affinity:
                podAntiAffinity:
                  requiredDuringSchedulingIgnoredDuringExecution:
                    - labelSelector: {matchLabels: {app: web}}
                      topologyKey: kubernetes.io/hostname
              containers: [{name: web, image: busybox}]
        """

    @Test("reads, writes, rolls out and deletes", .enabled(if: new != nil), .timeLimit(.minutes(3)))
    func newest() async throws {
        try await withCluster(Self.new ?? "kubectl") { kubectl, _ in
            let nodes = try await kubectl.ok("get", "nodes")
            #expect(nodes.contains("NAME") && nodes.contains("ROLES") && nodes.contains("test-worker2"))
            #expect(try await kubectl.ok("get", "nodes", "-o", "wide").contains("INTERNAL-IP"))
            #expect(try await kubectl.ok("get", "nodes", "-o", "name").contains("node/test-worker\n"))
            #expect(
                try await kubectl.ok(
                    "get", "no", "--sort-by=.metadata.name", "-o", "jsonpath={.items[0].metadata.name}")
                    == "test-control-plane")
            #expect(try await kubectl.ok("get", "pods", "-A", "-o", "yaml").contains("kube-proxy"))
            #expect(try await kubectl.ok("create", "namespace", "shop") == "namespace/shop created\n")
            #expect(
                try await kubectl.ok("create", "configmap", "c", "-n", "shop", "--from-literal=a=b").contains("created")
            )
            #expect(try await kubectl.apply(Self.deployment).contains("deployment.apps/web created"))
            #expect(try await kubectl.apply(Self.deployment).contains("unchanged"))
            #expect(
                try await kubectl.ok("rollout", "status", "deployment/web", "-n", "shop").contains(
                    "successfully rolled out"))
            #expect(try await kubectl.ok("get", "deploy", "-n", "shop").contains("2/2"))
            #expect(
                try await kubectl.ok(
                    "wait", "--for=condition=Ready", "pod", "-l", "app=web", "-n", "shop", "--timeout=20s"
                ).contains("condition met"))
            #expect(
                try await kubectl.ok("describe", "deployment", "web", "-n", "shop").contains(
                    "2 desired | 2 updated | 2 total | 2 available"))
            #expect(
                try await kubectl.ok("describe", "node", "test-worker").contains("NodeHasSufficientMemory") == false)
            #expect(try await kubectl.ok("describe", "pods", "-n", "shop").contains("Successfully assigned"))
            #expect(try await kubectl.ok("scale", "deployment/web", "-n", "shop", "--replicas=1").contains("scaled"))
            #expect(try await kubectl.ok("rollout", "restart", "deployment/web", "-n", "shop").contains("restarted"))
            #expect(
                try await kubectl.ok("rollout", "status", "deployment/web", "-n", "shop", "--timeout=30s").contains(
                    "successfully"))
            #expect(try await kubectl.ok("label", "node", "test-worker", "disk=ssd").contains("labeled"))
            #expect(try await kubectl.ok("get", "nodes", "-l", "disk=ssd", "-o", "name") == "node/test-worker\n")
            #expect(try await kubectl.ok("annotate", "node", "test-worker", "a=b").contains("annotated"))
            #expect(try await kubectl.ok("taint", "node", "test-worker", "k=v:NoSchedule").contains("tainted"))
            #expect(try await kubectl.ok("taint", "node", "test-worker", "k-").contains("untainted"))
            for (type, patch) in [
                ("merge", #"{"metadata":{"labels":{"m":"1"}}}"#), ("strategic", #"{"metadata":{"labels":{"s":"1"}}}"#),
                (
                    "json",
                    #"[{"op":"test","path":"/metadata/labels/m","value":"1"},{"op":"add","path":"/metadata/labels/j","value":"1"},{"op":"remove","path":"/metadata/labels/s"}]"#
                ),
            ] {
                let said = try await kubectl.ok("patch", "cm", "c", "-n", "shop", "--type", type, "-p", patch)
                #expect(said.contains("patched"))
            }
            let labels = try await kubectl.ok("get", "cm", "c", "-n", "shop", "-o", "jsonpath={.metadata.labels}")
            #expect(try JSONValue(parsing: labels) == ["m": "1", "j": "1"])
            let untrue = #"[{"op":"test","path":"/metadata/labels/m","value":"2"}]"#
            #expect(
                try await !kubectl.run(["patch", "cm", "c", "-n", "shop", "--type", "json", "-p", untrue]).succeeded)
            #expect(try await kubectl.ok("delete", "deployment", "web", "-n", "shop").contains("deleted"))
            #expect(try await kubectl.ok("delete", "namespace", "shop", "--timeout=30s").contains("deleted"))
            #expect(try await kubectl.run(["get", "ns", "shop"]).standardError.contains("NotFound"))
        }
    }

    @Test(
        "cordons, drains and is stopped by a budget", .timeLimit(.minutes(4)), arguments: [new, old].compactMap { $0 })
    func drains(binary: String) async throws {
        try await withCluster(binary) { kubectl, kube in
            try await kube.apply(["apiVersion": "v1", "kind": "Namespace", "metadata": ["name": "shop"]])
            for object in try JSONValue.manifests(Self.deployment, file: "d") { try await kube.apply(object) }
            _ = try await kubectl.ok(
                "wait", "--for=condition=Available", "deployment/web", "-n", "shop", "--timeout=20s")
            try await kube.apply([
                "apiVersion": "policy/v1", "kind": "PodDisruptionBudget",
                "metadata": ["name": "web", "namespace": "shop"],
                "spec": ["minAvailable": 2, "selector": ["matchLabels": ["app": "web"]]],
            ])
            #expect(try await kubectl.ok("cordon", "test-worker") == "node/test-worker cordoned\n")
            #expect(try await kubectl.ok("get", "nodes").contains("SchedulingDisabled"))
            let blocked = try await kubectl.run(["drain", "test-worker", "--ignore-daemonsets", "--timeout=3s"])
            #expect(!blocked.succeeded)
            #expect(blocked.standardError.contains("Cannot evict pod as it would violate the pod's disruption budget."))
            try await kube.delete(.pdbs("shop").named("web"))
            let drained = try await kubectl.run(["drain", "test-worker", "--ignore-daemonsets", "--timeout=60s"])
            #expect(drained.succeeded, "\(drained.standardError)")
            #expect(drained.standardOutput.contains("evicted"))
            #expect(try await kubectl.ok("uncordon", "test-worker") == "node/test-worker uncordoned\n")
            #expect(try await kubectl.ok("label", "node", "test-worker", "disk=ssd").contains("labeled"))
            #expect(try await kubectl.ok("taint", "node", "test-worker", "k=v:NoExecute").contains("tainted"))
        }
    }

    @Test("prints what is refused, and once what is not modelled", .enabled(if: new != nil), .timeLimit(.minutes(3)))
    func warnings() async throws {
        try await withCluster(Self.new ?? "kubectl") { kubectl, _ in
            func apply(_ manifest: String) async throws -> (output: String, errors: String, succeeded: Bool) {
                let file = kubectl.cacheDirectory + "-\(UUID().uuidString).yaml"
                try Data(manifest.utf8).write(to: URL(filePath: file))
                let result = try await kubectl.run(["apply", "-f", file])
                return (result.standardOutput, result.standardError, result.succeeded)
            }
            let pod = """
                apiVersion: v1
                kind: Pod
                metadata: {name: job, namespace: default}
                spec: {restartPolicy: Never, containers: [{name: job, image: x}]}
                """
            let first = try await apply(pod)
            #expect(first.succeeded)
            #expect(first.errors == "Warning: not modelled by embedded clusters: spec.restartPolicy\n")
            #expect(try await apply(pod).errors.isEmpty)
            let misspelt = try await apply(pod.replacing("image: x", with: "imagee: x"))
            #expect(!misspelt.succeeded)
            #expect(misspelt.errors.contains("strict decoding error: unknown field \"spec.containers[0].imagee\""))
        }
    }

    @Test("says which binaries were used")
    func binaries() {
        if Self.new == nil { print("skipped: PEERQUAKE_KUBECTL_NEW names no kubectl 1.30 or newer") }
        if Self.old == nil { print("skipped: PEERQUAKE_KUBECTL_OLD names no kubectl of Debian's") }
        #expect(Self.new != Self.old || Self.new == nil)
    }
}
