import QuakeBase
import QuakeKube

/// What admission and defaulting add to an object that a client wrote.
enum Defaults {
    static func fill(_ object: inout JSONValue, kind: ResourceKind) {
        switch kind {
        case .pods:
            var spec = object["spec"] ?? [:]
            podSpec(&spec, tolerations: true)
            object["spec"] = spec
        case .deployments, .replicaSets, .daemonSets: workload(&object, kind)
        case .services: service(&object)
        case .priorityClasses:
            put(&object, "value", 0)
            put(&object, "preemptionPolicy", "PreemptLowerPriority")
        case .autoscalers:
            var spec = object["spec"] ?? [:]
            put(&spec, "minReplicas", 1)
            put(&spec, "metrics", usualMetrics)
            object["spec"] = spec
        default: break
        }
    }

    /// What an autoscaler goes by that names nothing.
    private static let usualMetrics: JSONValue = [
        [
            "type": "Resource",
            "resource": ["name": "cpu", "target": ["type": "Utilization", "averageUtilization": 80]],
        ]
    ]

    private static func put(_ object: inout JSONValue, _ key: String, _ value: JSONValue) {
        if object[key] == nil { object[key] = value }
    }

    private static func workload(_ object: inout JSONValue, _ kind: ResourceKind) {
        var spec = object["spec"] ?? [:]
        if kind != .daemonSets { put(&spec, "replicas", 1) }
        if kind == .daemonSets { daemonSet(&spec) }
        if kind == .deployments {
            put(&spec, "progressDeadlineSeconds", 600)
            put(&spec, "revisionHistoryLimit", 10)
            if spec[path: "strategy.type"]?.stringValue ?? "RollingUpdate" == "RollingUpdate" {
                var strategy = spec["strategy"] ?? [:]
                put(&strategy, "type", "RollingUpdate")
                var rolling = strategy["rollingUpdate"] ?? [:]
                put(&rolling, "maxSurge", "25%")
                put(&rolling, "maxUnavailable", "25%")
                strategy["rollingUpdate"] = rolling
                spec["strategy"] = strategy
            }
        }
        var template = spec["template"] ?? [:]
        var pod = template["spec"] ?? [:]
        podSpec(&pod, tolerations: false)
        template["spec"] = pod
        spec["template"] = template
        object["spec"] = spec
    }

    private static func daemonSet(_ spec: inout JSONValue) {
        put(&spec, "revisionHistoryLimit", 10)
        var strategy = spec["updateStrategy"] ?? [:]
        put(&strategy, "type", "RollingUpdate")
        if strategy["type"]?.stringValue == "RollingUpdate" {
            var rolling = strategy["rollingUpdate"] ?? [:]
            put(&rolling, "maxUnavailable", 1)
            put(&rolling, "maxSurge", 0)
            strategy["rollingUpdate"] = rolling
        }
        spec["updateStrategy"] = strategy
    }

    /// - Parameter tolerations: a pod's own get the five minutes of DefaultTolerationSeconds; a template's do not.
    static func podSpec(_ spec: inout JSONValue, tolerations: Bool) {
        put(&spec, "restartPolicy", "Always")
        put(&spec, "dnsPolicy", "ClusterFirst")
        put(&spec, "schedulerName", "default-scheduler")
        put(&spec, "securityContext", [:])
        put(&spec, "terminationGracePeriodSeconds", 30)
        let sharesPorts = spec["hostNetwork"]?.boolValue ?? false
        for list in ["containers", "initContainers"] {
            guard let containers = spec[list]?.arrayValue else { continue }
            spec[list] = .array(containers.map { container($0, sharesPorts: sharesPorts) })
        }
        guard tolerations else { return }
        put(&spec, "serviceAccountName", "default")
        put(&spec, "serviceAccount", spec["serviceAccountName"] ?? "default")
        put(&spec, "enableServiceLinks", true)
        put(&spec, "priority", 0)
        put(&spec, "preemptionPolicy", "PreemptLowerPriority")
        var list = spec["tolerations"]?.arrayValue ?? []
        for key in [WellKnown.notReady, WellKnown.unreachable] {
            let covered = list.contains { toleration in
                let own = toleration["key"]?.stringValue ?? ""
                let effect = toleration["effect"]?.stringValue ?? ""
                return (own.isEmpty || own == key) && (effect.isEmpty || effect == "NoExecute")
            }
            if !covered {
                list.append([
                    "key": .string(key), "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300,
                ])
            }
        }
        spec["tolerations"] = .array(list)
    }

    private static func container(_ written: JSONValue, sharesPorts: Bool) -> JSONValue {
        var container = written
        put(&container, "imagePullPolicy", "IfNotPresent")
        put(&container, "resources", [:])
        put(&container, "terminationMessagePath", "/dev/termination-log")
        put(&container, "terminationMessagePolicy", "File")
        guard let ports = container["ports"]?.arrayValue else { return container }
        container["ports"] = .array(
            ports.map { port in
                var copy = Patch.merge(port, into: ["protocol": "TCP"])
                if sharesPorts { put(&copy, "hostPort", copy["containerPort"] ?? 0) }
                return copy
            })
        return container
    }

    private static func service(_ object: inout JSONValue) {
        var spec = object["spec"] ?? [:]
        put(&spec, "type", "ClusterIP")
        put(&spec, "sessionAffinity", "None")
        let type = spec["type"]?.stringValue ?? ""
        if type != "ExternalName" {
            put(&spec, "ipFamilies", ["IPv4"])
            put(&spec, "ipFamilyPolicy", "SingleStack")
            put(&spec, "internalTrafficPolicy", "Cluster")
            if spec["clusterIPs"] == nil, let address = spec["clusterIP"]?.stringValue {
                spec["clusterIPs"] = [.string(address)]
            }
        }
        let isOutside = type == "LoadBalancer" || type == "NodePort"
        if isOutside || (type == "ClusterIP" && !(spec["externalIPs"]?.arrayValue ?? []).isEmpty) {
            put(&spec, "externalTrafficPolicy", "Cluster")
        }
        if type == "LoadBalancer" { put(&spec, "allocateLoadBalancerNodePorts", true) }
        let ports = (spec["ports"]?.arrayValue ?? []).map { port -> JSONValue in
            var copy = port
            put(&copy, "protocol", "TCP")
            put(&copy, "targetPort", copy["port"] ?? 0)
            return copy
        }
        spec["ports"] = .array(ports)
        object["spec"] = spec
    }
}
