import QuakeBase
package import QuakeKube
package import QuakeSim

/// From the API's JSON to the model's types. What a manifest leaves out gets Kubernetes' defaults.
package enum Decode {
    /// A pod's template. What ends its containers is the model, but for pods of the mesh's own image.
    package static func template(_ template: JSONValue?, selfExits: Bool = true) -> PodTemplate {
        let spec = template?["spec"] ?? .null
        let containers = spec["containers"]?.arrayValue ?? []
        let isAgent = containers.contains { isAgentImage($0["image"]?.stringValue ?? "") }
        var decoded = PodTemplate(
            labels: template?.labels ?? [:], nodeSelector: spec["nodeSelector"]?.stringMembers ?? [:],
            nodeAffinity: nodeAffinity(spec), antiAffinity: antiAffinity(spec),
            tolerations: (spec["tolerations"]?.arrayValue ?? []).map(toleration),
            terminationGrace: .seconds(spec["terminationGracePeriodSeconds"]?.intValue ?? 30),
            preStop: .seconds(preStop(containers)), exit: isAgent ? .reported : .modelled,
            fingerprint: fingerprint(template))
        decoded.placement = placement(spec, containers)
        return decoded
    }

    /// The image that the pods of the mesh run, whatever its registry and tag.
    package static func isAgentImage(_ image: String) -> Bool {
        let name = image.split(separator: "/").last ?? ""
        return name == "peerquake-agent" || name.hasPrefix("peerquake-agent:")
    }

    /// A Deployment's revisions are told apart by their templates without the hash that the controller adds.
    package static func fingerprint(_ template: JSONValue?) -> String {
        var copy = template ?? .null
        copy.set(nil, at: "metadata", "labels", WellKnown.podTemplateHash)
        return copy.text()
    }

    private static func preStop(_ containers: [JSONValue]) -> Int {
        containers.compactMap { $0[path: "lifecycle.preStop.sleep.seconds"]?.intValue }.max() ?? 0
    }

    private static func nodeAffinity(_ spec: JSONValue) -> [[Requirement]] {
        let path = "affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms"
        return (spec[path: path]?.arrayValue ?? []).map { term in
            (term["matchExpressions"]?.arrayValue ?? []).compactMap(Requirement.init(json:))
        }
    }

    private static func antiAffinity(_ spec: JSONValue) -> [PodTerm] {
        podTerms(spec[path: "affinity.podAntiAffinity"])
    }

    /// One of a pod's tolerations.
    package static func toleration(_ json: JSONValue) -> Toleration {
        Toleration(
            json["key"]?.stringValue ?? "", exists: json["operator"]?.stringValue == "Exists",
            value: json["value"]?.stringValue ?? "",
            effect: (json["effect"]?.stringValue).flatMap(Taint.Effect.init(rawValue:)),
            seconds: json["tolerationSeconds"]?.intValue)
    }

    /// A node's taints; those that are known keep the moment that they were added at.
    package static func taints(_ node: JSONValue, known: [Taint], now: SimInstant) -> [Taint] {
        NodeView(node).taints.compactMap { json in
            guard let key = json["key"]?.stringValue,
                let effect = (json["effect"]?.stringValue).flatMap(Taint.Effect.init(rawValue:))
            else { return nil }
            var taint = Taint(key, value: json["value"]?.stringValue ?? "", effect)
            taint.added = known.first { $0.isSame(as: taint) }?.added
            return taint
        }
    }

    /// A Deployment, made now.
    package static func deployment(_ json: JSONValue, _ key: ObjectKey, now: SimInstant) -> Deployment {
        let spec = json["spec"] ?? .null
        var strategy = Deployment.Strategy.rollingUpdate(
            maxUnavailable: amount(spec[path: "strategy.rollingUpdate.maxUnavailable"]) ?? .percent(25),
            maxSurge: amount(spec[path: "strategy.rollingUpdate.maxSurge"]) ?? .percent(25))
        if spec[path: "strategy.type"]?.stringValue == "Recreate" { strategy = .recreate }
        let deadline = spec["progressDeadlineSeconds"]?.intValue ?? 600
        return Deployment(
            key: key, replicas: spec["replicas"]?.intValue ?? 1, selector: LabelSelector(json: spec["selector"]),
            template: template(spec["template"]), strategy: strategy, minReady: minReady(spec),
            // The largest number means never.
            progressDeadline: deadline == Int(Int32.max) ? nil : .seconds(deadline),
            isPaused: spec["paused"]?.boolValue ?? false, generation: json.metadata["generation"]?.intValue ?? 1,
            created: now)
    }

    /// A DaemonSet, made now.
    package static func daemonSet(_ json: JSONValue, _ key: ObjectKey, now: SimInstant) -> DaemonSet {
        DaemonSet(
            key: key, selector: LabelSelector(json: json[path: "spec.selector"]),
            template: template(json[path: "spec.template"]), update: update(json[path: "spec.updateStrategy"]),
            minReady: minReady(json["spec"] ?? .null), generation: json.metadata["generation"]?.intValue ?? 1,
            created: now)
    }

    private static func minReady(_ spec: JSONValue) -> Duration { .seconds(spec["minReadySeconds"]?.intValue ?? 0) }

    private static func update(_ strategy: JSONValue?) -> DaemonSet.Update {
        if strategy?["type"]?.stringValue == "OnDelete" { return .onDelete }
        return .rolling(maxUnavailable: amount(strategy?[path: "rollingUpdate.maxUnavailable"]) ?? .count(1))
    }

    /// A ReplicaSet, made now.
    package static func replicaSet(_ json: JSONValue, _ key: ObjectKey, now: SimInstant) -> ReplicaSet {
        let spec = json["spec"] ?? .null
        return ReplicaSet(
            key: key, replicas: spec["replicas"]?.intValue ?? 1, selector: LabelSelector(json: spec["selector"]),
            template: template(spec["template"]), minReady: minReady(spec), created: now)
    }

    /// A Service's selector.
    package static func service(_ json: JSONValue, _ key: ObjectKey) -> Service {
        Service(
            key: key, selector: json[path: "spec.selector"]?.stringMembers ?? [:],
            publishesNotReady: json[path: "spec.publishNotReadyAddresses"]?.boolValue ?? false)
    }

    /// A PodDisruptionBudget; one without a limit keeps one pod available.
    package static func budget(_ json: JSONValue, _ key: ObjectKey) -> Budget {
        let limit: Budget.Limit =
            amount(json[path: "spec.maxUnavailable"]).map { .maxUnavailable($0) }
            ?? .minAvailable(amount(json[path: "spec.minAvailable"]) ?? .count(1))
        let selector = json[path: "spec.selector"]
        return Budget(
            key: key, selector: selector.map { LabelSelector(json: $0) } ?? .nothing, limit: limit,
            unhealthyMayGo: json[path: "spec.unhealthyPodEvictionPolicy"]?.stringValue == "AlwaysAllow",
            generation: json.metadata["generation"]?.intValue ?? 1)
    }

    /// A number or a percentage; `nil` for neither.
    package static func amount(_ json: JSONValue?) -> Amount? {
        if let number = json?.intValue { return .count(number) }
        guard let text = json?.stringValue else { return nil }
        if text.hasSuffix("%") { return Int(text.dropLast()).map { .percent($0) } }
        return Int(text).map { .count($0) }
    }
}
