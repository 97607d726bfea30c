import QuakeBase
import QuakeKube

/// What a snapshot keeps of an object. Environments, arguments and volumes of containers stay where they are: they may hold
/// secrets, and no rule is about them.
enum Trimming {
    static func trimmed(_ object: JSONValue, _ resource: AuditResource) -> JSONValue {
        var result: JSONValue = [
            "kind": .string(resource.kind), "apiVersion": .string(resource.path.apiVersion),
            "metadata": metadata(object.metadata),
        ]
        switch resource {
        case .nodes: node(object, &result)
        case .pods: pod(object, &result)
        case .deployments: deployment(object, &result)
        case .leases: result["spec"] = kept(["leaseDurationSeconds"], of: object["spec"])
        case .configmaps: result["data"] = data(object)
        case .endpointSlices:
            result["endpoints"] = object["endpoints"]
            result["ports"] = object["ports"]
        case .services, .gateways, .gatewayclasses, .nodepools, .nodeclaims, .budgets, .autoscalers:
            result["spec"] = object["spec"]
            result["status"] = object["status"]
        }
        return result
    }

    /// Of istiod's Helm values only where its affinity is written.
    private static func data(_ object: JSONValue) -> JSONValue? {
        guard object.labels[HelmValues.label] != nil, object.labels[GatewayDefaults.label] == nil else {
            return object["data"]
        }
        guard let values = HelmValues.given(object) else { return nil }
        var left: JSONValue = [:]
        left["affinity"] = values["affinity"]
        if let affinity = values[path: "pilot.affinity"] { left.set(affinity, at: "pilot", "affinity") }
        return [HelmValues.key: .string(left.text())]
    }

    private static func kept(_ keys: [String], of object: JSONValue?) -> JSONValue? {
        guard let members = object?.objectValue else { return nil }
        return .object(members.filter { keys.contains($0.key) })
    }

    private static func metadata(_ metadata: JSONValue) -> JSONValue {
        let keys = [
            "name", "namespace", "uid", "labels", "annotations", "ownerReferences", "creationTimestamp",
            "deletionTimestamp", "generation",
        ]
        var result = kept(keys, of: metadata) ?? [:]
        if result["annotations"] != nil { result.set(nil, at: "annotations", WellKnown.lastApplied) }
        return result
    }

    private static func node(_ object: JSONValue, _ result: inout JSONValue) {
        result["spec"] = kept(["unschedulable", "taints", "providerID"], of: object["spec"])
        result["status"] = kept(["addresses", "conditions"], of: object["status"])
        if let info = kept(["kubeletVersion"], of: NodeView(object).info) {
            result.set(info, at: "status", "nodeInfo")
        }
    }

    private static func pod(_ object: JSONValue, _ result: inout JSONValue) {
        let isControllerManager = object.labels["component"] == "kube-controller-manager"
        result["spec"] = podSpec(object["spec"], withCommands: isControllerManager)
        result["status"] = kept(["phase", "conditions", "podIP", "startTime"], of: object["status"])
    }

    private static func podSpec(_ spec: JSONValue?, withCommands: Bool) -> JSONValue? {
        let keys = [
            "nodeName", "nodeSelector", "affinity", "tolerations", "topologySpreadConstraints",
            "terminationGracePeriodSeconds", "serviceAccountName", "priorityClassName",
        ]
        guard var result = kept(keys, of: spec) else { return nil }
        let ofContainers = ["name", "image", "lifecycle", "ports"] + (withCommands ? ["command", "args"] : [])
        result["containers"] = .array(
            (spec?["containers"]?.arrayValue ?? []).compactMap { kept(ofContainers, of: $0) })
        return result
    }

    private static func deployment(_ object: JSONValue, _ result: inout JSONValue) {
        result["spec"] = kept(["replicas", "selector", "strategy", "paused"], of: object["spec"])
        result["status"] = kept(["replicas", "readyReplicas", "updatedReplicas"], of: object["status"])
        let template = object[path: "spec.template"]
        if let spec = podSpec(template?["spec"], withCommands: false) {
            result.set(spec, at: "spec", "template", "spec")
        }
        if let meta = kept(["labels"], of: template?["metadata"]) {
            result.set(meta, at: "spec", "template", "metadata")
        }
    }
}
