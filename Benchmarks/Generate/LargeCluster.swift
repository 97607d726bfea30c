import ArgumentParser
import FoundationEssentials
import QuakeBase
import QuakeKube

/// The list answers of a large cluster with open-source Istio, as files that a web server can serve: a file for each path, label
/// selector and page.
struct LargeCluster: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cluster", abstract: "Write what the API server of a large cluster would answer to an audit.")

    @Option(help: "Nodes, with a lease and a NodeClaim each.")
    var nodes = 1000

    @Option(help: "Pods; every hundredth is a gateway's.")
    var pods = 5000

    @Option(help: "Where to: DIR/api/v1/nodes@SELECTOR.PAGE.json and so on.")
    var out: String

    private static let page = 500
    private static let gatewayLabel = WellKnown.gatewayName
    private static let own = ["app": "istio-eastwest", gatewayLabel: "istio-eastwest"]

    func run() throws {
        let gateways = (0..<max(1, pods / 100)).map { pod("gateway-\($0)", "istio-eastwest", Self.own, node: $0) }
        let istiods = (0..<2).map { pod("istiod-\($0)", "istio-system", ["app": "istiod"], node: nodes - 1 - $0) }
        let rest = (0..<max(0, pods - gateways.count)).map { pod("app-\($0)", "app", ["app": "app"], node: $0 % nodes) }
        try write("/api/v1/pods", gateways + istiods + rest)
        try write("/api/v1/pods", gateways, labels: Self.gatewayLabel)
        try write("/api/v1/pods", istiods, labels: "app=istiod")
        try write("/api/v1/namespaces/kube-system/pods", [], labels: "component=kube-controller-manager")
        let service = object("istio-eastwest", "istio-eastwest", Self.own)
        try write("/api/v1/services", [service], labels: Self.gatewayLabel)
        try write("/api/v1/services", [], labels: "peerquake.dev/peer")
        try write("/apis/apps/v1/deployments", [deployment("istio-eastwest", Self.own)], labels: Self.gatewayLabel)
        try write("/apis/apps/v1/deployments", [deployment("istiod", ["app": "istiod"])], labels: "app=istiod")
        try write("/api/v1/configmaps", [], labels: "gateway.istio.io/defaults-for-class")
        try write("/api/v1/configmaps", [], labels: "operator.istio.io/component=Pilot")
        try write("/api/v1/nodes", (0..<nodes).map(node))
        try write(
            "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases",
            (0..<nodes).map { index in
                var lease = object("node-\(index)", "kube-node-lease", [:])
                lease["spec"] = ["leaseDurationSeconds": 40]
                return lease
            })
        try write("/apis/policy/v1/poddisruptionbudgets", (0..<200).map { object("app-\($0)", "app", [:]) })
        try write("/apis/autoscaling/v2/horizontalpodautoscalers", [])
        var gateway = object("istio-eastwest", "istio-eastwest", [WellKnown.cluster: "large"])
        gateway["spec"] = ["gatewayClassName": "istio-east-west"]
        try write("/apis/gateway.networking.k8s.io/v1/gateways", [gateway])
        try write("/apis/gateway.networking.k8s.io/v1/gatewayclasses", [object("istio-east-west", nil, [:])])
        try write("/apis/karpenter.sh/v1/nodepools", (0..<3).map { object("pool-\($0)", nil, [:]) })
        try write("/apis/karpenter.sh/v1/nodeclaims", (0..<nodes).map(claim))
        try write(
            "/apis/discovery.k8s.io/v1/endpointslices", [], labels: "\(WellKnown.serviceName) in (istio-eastwest)")
    }

    private func write(_ path: String, _ items: [JSONValue], labels: String = "") throws {
        let pages = stride(from: 0, to: max(1, items.count), by: Self.page).map { start in
            Array(items[start..<min(items.count, start + Self.page)])
        }
        for (index, page) in pages.enumerated() {
            let next = index + 1 < pages.count ? "\(index + 1)" : ""
            let list: JSONValue = ["metadata": ["continue": .string(next)], "items": .array(page)]
            let file = URL(
                filePath: "\(out)\(path)@\(PercentEncoding.query(labels)).\(index == 0 ? "" : "\(index)").json")
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(list.serialized()).write(to: file)
        }
    }

    // MARK: - Objects, as large as real ones

    private func object(_ name: String, _ namespace: String?, _ labels: [String: String]) -> JSONValue {
        let managed = (0..<40).map { JSONValue.string("f:field-\($0) of a manager that an API server remembers") }
        var metadata: JSONValue = [
            "name": .string(name), "labels": JSONValue(labels), "creationTimestamp": "2026-11-01T00:00:00Z",
            "managedFields": .array(managed),
        ]
        if let namespace { metadata["namespace"] = .string(namespace) }
        return ["metadata": metadata, "spec": [:], "status": [:]]
    }

    private func node(_ index: Int) -> JSONValue {
        var node = object(
            "node-\(index)", nil,
            [
                WellKnown.hostname: "node-\(index)", WellKnown.zone: "zone-\(index % 3)",
                WellKnown.nodePool: "pool-\(index % 3)",
            ])
        let images = (0..<50).map { image -> JSONValue in
            ["names": [.string("registry.example.com/team/app-\(image)@sha256:\(String(repeating: "a", count: 64))")]]
        }
        node["status"] = [
            "addresses": [["type": "InternalIP", "address": .string("10.0.\(index / 250).\(index % 250 + 1)")]],
            "conditions": [["type": "Ready", "status": "True"]], "images": .array(images),
        ]
        return node
    }

    private func claim(_ index: Int) -> JSONValue {
        var claim = object("claim-\(index)", nil, [WellKnown.nodePool: "pool-\(index % 3)"])
        claim["spec"] = ["expireAfter": .string("\(480 + index % 240)h")]
        claim["status"] = ["nodeName": .string("node-\(index)")]
        return claim
    }

    private func template(_ labels: [String: String]) -> JSONValue {
        let variables = (0..<20).map {
            JSONValue.object(["name": .string("V\($0)"), "value": "a value of some length"])
        }
        return [
            "containers": [["name": "main", "image": "registry.example.com/pilot:1.29.0", "env": .array(variables)]]
        ]
    }

    private func pod(_ name: String, _ namespace: String, _ labels: [String: String], node: Int) -> JSONValue {
        var pod = object(name, namespace, labels)
        var spec = template(labels)
        spec["nodeName"] = .string("node-\(node)")
        pod["spec"] = spec
        pod["status"] = ["phase": "Running", "conditions": [["type": "Ready", "status": "True"]]]
        return pod
    }

    private func deployment(_ name: String, _ labels: [String: String]) -> JSONValue {
        var deployment = object(name, name == "istiod" ? "istio-system" : name, labels)
        deployment["spec"] = [
            "replicas": 2, "selector": ["matchLabels": JSONValue(labels)],
            "template": ["metadata": ["labels": JSONValue(labels)], "spec": template(labels)],
        ]
        return deployment
    }
}
