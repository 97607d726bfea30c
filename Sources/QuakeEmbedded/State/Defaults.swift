import QuakeKube

/// What admission and defaulting add to an object that a client wrote.
enum Defaults {
    static func fill(_ object: inout JSONValue, kind: ResourceKind) {
        switch kind {
        case .pods:
            var spec = object["spec"] ?? [:]
            podSpec(&spec, tolerations: true)
            object["spec"] = spec
        case .deployments: workload(&object, deployment: true)
        case .replicaSets, .daemonSets: workload(&object, deployment: false)
        case .services: service(&object)
        default: break
        }
    }

    private static func put(_ object: inout JSONValue, _ key: String, _ value: JSONValue) {
        if object[key] == nil { object[key] = value }
    }

    private static func workload(_ object: inout JSONValue, deployment: Bool) {
        var spec = object["spec"] ?? [:]
        if deployment {
            put(&spec, "replicas", 1)
            put(&spec, "progressDeadlineSeconds", 600)
            put(&spec, "revisionHistoryLimit", 10)
            if spec[path: "strategy.type"]?.stringValue != "Recreate" {
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

    /// - Parameter tolerations: a pod's own get the five minutes of DefaultTolerationSeconds; a template's do not.
    static func podSpec(_ spec: inout JSONValue, tolerations: Bool) {
        put(&spec, "restartPolicy", "Always")
        put(&spec, "dnsPolicy", "ClusterFirst")
        put(&spec, "schedulerName", "default-scheduler")
        put(&spec, "securityContext", [:])
        put(&spec, "terminationGracePeriodSeconds", 30)
        let containers = (spec["containers"]?.arrayValue ?? []).map { container -> JSONValue in
            var copy = container
            put(&copy, "imagePullPolicy", "IfNotPresent")
            put(&copy, "resources", [:])
            put(&copy, "terminationMessagePath", "/dev/termination-log")
            put(&copy, "terminationMessagePolicy", "File")
            if let ports = copy["ports"]?.arrayValue {
                copy["ports"] = .array(ports.map { Patch.merge($0, into: ["protocol": "TCP"]) })
            }
            return copy
        }
        spec["containers"] = .array(containers)
        guard tolerations else { return }
        put(&spec, "serviceAccountName", "default")
        put(&spec, "serviceAccount", spec["serviceAccountName"] ?? "default")
        put(&spec, "enableServiceLinks", true)
        put(&spec, "priority", 0)
        put(&spec, "preemptionPolicy", "PreemptLowerPriority")
        var list = spec["tolerations"]?.arrayValue ?? []
        for key in ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"] {
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

    private static func service(_ object: inout JSONValue) {
        var spec = object["spec"] ?? [:]
        put(&spec, "type", "ClusterIP")
        put(&spec, "sessionAffinity", "None")
        put(&spec, "internalTrafficPolicy", "Cluster")
        put(&spec, "ipFamilies", ["IPv4"])
        put(&spec, "ipFamilyPolicy", "SingleStack")
        let type = spec["type"]?.stringValue ?? ""
        if type == "LoadBalancer" || type == "NodePort" { put(&spec, "externalTrafficPolicy", "Cluster") }
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
