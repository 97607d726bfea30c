import QuakeBase
import QuakeKube
import QuakeSim

/// From the model's types to the API's JSON: what controllers and kubelets write into objects.
struct Render: Sendable {
    /// Unix nanoseconds of the simulation's beginning.
    var epoch: Int64
    var addresses: AddressPlan

    func stamp(_ instant: SimInstant) -> JSONValue {
        .string(Timestamp.text(seconds: (epoch + instant.nanoseconds) / 1_000_000_000))
    }

    func micro(_ instant: SimInstant) -> JSONValue {
        .string(Timestamp.micro(nanoseconds: epoch + instant.nanoseconds))
    }

    // MARK: - Nodes

    func node(_ node: Node, into base: JSONValue) -> JSONValue {
        var object = base
        object.set(JSONValue(node.labels), at: "metadata", "labels")
        object.set(node.unschedulable ? true : nil, at: "spec", "unschedulable")
        let taints = node.taints.map { taint -> JSONValue in
            var json: JSONValue = ["key": .string(taint.key), "effect": .string(taint.effect.rawValue)]
            if !taint.value.isEmpty { json["value"] = .string(taint.value) }
            if let added = taint.added { json["timeAdded"] = stamp(added) }
            return json
        }
        object.set(taints.isEmpty ? nil : .array(taints), at: "spec", "taints")
        object.set(.array(conditions(of: node)), at: "status", "conditions")
        return object
    }

    private func conditions(of node: Node) -> [JSONValue] {
        let isUnknown = node.readiness == .unknown
        func condition(_ type: String, _ good: String, _ reason: String, _ message: String) -> JSONValue {
            [
                "type": .string(type), "status": .string(isUnknown ? "Unknown" : good),
                "reason": .string(isUnknown ? "NodeStatusUnknown" : reason),
                "message": .string(isUnknown ? "Kubelet stopped posting node status." : message),
                "lastHeartbeatTime": stamp(node.lastRenewal ?? node.transition),
                "lastTransitionTime": stamp(node.transition),
            ]
        }
        return [
            condition(
                "MemoryPressure", "False", "KubeletHasSufficientMemory", "kubelet has sufficient memory available"),
            condition("DiskPressure", "False", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
            condition("PIDPressure", "False", "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
            condition("Ready", "True", "KubeletReady", "kubelet is posting ready status"),
        ]
    }

    /// The kubelet's Lease, computed when someone asks.
    func lease(_ node: Node, renewed: SimInstant, timings: Timings, uid: String, nodeUID: String) -> JSONValue {
        [
            "apiVersion": "coordination.k8s.io/v1", "kind": "Lease",
            "metadata": [
                "name": .string(node.name), "namespace": "kube-node-lease", "uid": .string(uid),
                "creationTimestamp": stamp(.start), "resourceVersion": "1",
                "ownerReferences": [
                    [
                        "apiVersion": "v1", "kind": "Node", "name": .string(node.name), "uid": .string(nodeUID),
                    ]
                ],
            ],
            "spec": [
                "holderIdentity": .string(node.name), "renewTime": micro(renewed),
                "leaseDurationSeconds": .int(timings.leaseDuration.components.seconds),
            ],
        ]
    }

    // MARK: - Pods

    func pod(_ pod: Pod, into base: JSONValue, hostAddress: String?, address: String?) -> JSONValue {
        var object = base
        if let node = pod.node { object.set(.string(node), at: "spec", "nodeName") }
        if let deletion = pod.deletion {
            object.set(stamp(deletion.deadline), at: "metadata", "deletionTimestamp")
            object.set(.int(deletion.grace.components.seconds), at: "metadata", "deletionGracePeriodSeconds")
        }
        var status: JSONValue = [
            "phase": .string(pod.phase.rawValue), "conditions": .array(podConditions(pod)), "qosClass": "BestEffort",
        ]
        if let started = pod.scheduled { status["startTime"] = stamp(started) }
        if let hostAddress {
            status["hostIP"] = .string(hostAddress)
            status["hostIPs"] = [["ip": .string(hostAddress)]]
        }
        if let address, pod.started != nil, !pod.isFinished {
            status["podIP"] = .string(address)
            status["podIPs"] = [["ip": .string(address)]]
        }
        let containers = PodView(base).containers
        if pod.scheduled != nil { status["containerStatuses"] = .array(containers.map { container($0, of: pod) }) }
        object["status"] = status
        return object
    }

    private func podConditions(_ pod: Pod) -> [JSONValue] {
        func condition(_ type: String, _ status: Bool, at: SimInstant, _ extra: JSONValue = [:]) -> JSONValue {
            Patch.merge(
                extra,
                into: [
                    "type": .string(type), "status": status ? "True" : "False", "lastProbeTime": .null,
                    "lastTransitionTime": stamp(at),
                ])
        }
        let unready: JSONValue =
            pod.ready
            ? [:]
            : pod.isFinished
                ? ["reason": "PodCompleted"]
                : ["reason": "ContainersNotReady", "message": "containers with unready status"]
        var conditions: [JSONValue] = []
        if let disruption = pod.disruption {
            let message =
                disruption == "EvictionByEvictionAPI"
                ? "Eviction API: evicting" : "Taint manager: deleting due to NoExecute taint"
            conditions.append(
                condition(
                    "DisruptionTarget", true, at: pod.deletion?.requested ?? pod.readyTransition,
                    ["reason": .string(disruption), "message": .string(message)]))
        }
        conditions.append(condition("Initialized", true, at: pod.scheduled ?? pod.created))
        conditions.append(condition("Ready", pod.ready, at: pod.readyTransition, unready))
        conditions.append(condition("ContainersReady", pod.ready, at: pod.readyTransition, unready))
        if let reason = pod.unschedulableReason {
            conditions.append(
                condition(
                    "PodScheduled", false, at: pod.created,
                    [
                        "reason": reason == Simulation.gated ? "SchedulingGated" : "Unschedulable",
                        "message": .string(reason),
                    ]))
        } else {
            conditions.append(condition("PodScheduled", pod.scheduled != nil, at: pod.scheduled ?? pod.created))
        }
        return conditions
    }

    private func container(_ container: JSONValue, of pod: Pod) -> JSONValue {
        var state: JSONValue = ["waiting": ["reason": "ContainerCreating"]]
        if pod.isFinished {
            state = ["terminated": ["exitCode": 0, "reason": "Completed"]]
        } else if let started = pod.started {
            state = ["running": ["startedAt": stamp(started)]]
        }
        return [
            "name": container["name"] ?? "", "image": container["image"] ?? "", "imageID": "",
            "ready": .bool(pod.ready), "started": .bool(pod.started != nil && !pod.isFinished),
            "restartCount": .int(Int64(pod.restarts)), "state": state, "lastState": [:],
        ]
    }

    // MARK: - Workloads

    func deployment(_ deployment: Deployment, into base: JSONValue) -> JSONValue {
        var object = base
        let status = deployment.status
        var json: JSONValue = ["observedGeneration": .int(Int64(deployment.observedGeneration))]
        for (name, count) in [
            ("replicas", status.replicas), ("updatedReplicas", status.updated), ("readyReplicas", status.ready),
            ("availableReplicas", status.available), ("unavailableReplicas", deployment.replicas - status.available),
        ] where count > 0 {
            json[name] = .int(Int64(count))
        }
        let minimum: Int =
            switch deployment.strategy {
            case .rollingUpdate(let unavailable, _):
                deployment.replicas - unavailable.of(deployment.replicas, roundingUp: false)
            case .recreate: deployment.replicas
            }
        let isAvailable = status.available >= minimum
        var conditions: [JSONValue] = [
            [
                "type": "Available", "status": isAvailable ? "True" : "False",
                "reason": isAvailable ? "MinimumReplicasAvailable" : "MinimumReplicasUnavailable",
                "message": isAvailable
                    ? "Deployment has minimum availability." : "Deployment does not have minimum availability.",
            ]
        ]
        if let progress = progressing(deployment) { conditions.append(progress) }
        json["conditions"] = .array(conditions)
        object["status"] = json
        object.set(
            .string(String(deployment.revision)), at: "metadata", "annotations", WellKnown.revision)
        return object
    }

    private func progressing(_ deployment: Deployment) -> JSONValue? {
        if deployment.isPaused {
            return [
                "type": "Progressing", "status": "Unknown", "reason": "DeploymentPaused",
                "message": "Deployment is paused",
            ]
        }
        guard let progress = deployment.progress else { return nil }
        let name = "\"\(progress.replicaSet)\""
        let message =
            switch progress.reason {
            case .created: "Created new replica set \(name)"
            case .found: "Found new replica set \(name)"
            case .updated: "ReplicaSet \(name) is progressing."
            case .complete: "ReplicaSet \(name) has successfully progressed."
            case .deadlineExceeded: "ReplicaSet \(name) has timed out progressing."
            }
        return [
            "type": "Progressing", "status": progress.isProgressing ? "True" : "False",
            "reason": .string(progress.reason.rawValue), "message": .string(message),
            "lastUpdateTime": stamp(progress.updated), "lastTransitionTime": stamp(progress.transition),
        ]
    }

    func replicaSet(_ set: ReplicaSet, into base: JSONValue) -> JSONValue {
        var object = base
        object.set(.int(Int64(set.replicas)), at: "spec", "replicas")
        if set.owner != nil {
            object.set(
                .string(String(set.revision)), at: "metadata", "annotations", WellKnown.revision)
        }
        object["status"] = [
            "replicas": .int(Int64(set.status.replicas)), "fullyLabeledReplicas": .int(Int64(set.status.replicas)),
            "readyReplicas": .int(Int64(set.status.ready)), "availableReplicas": .int(Int64(set.status.available)),
            "observedGeneration": base.metadata["generation"] ?? 1,
        ]
        return object
    }

    func daemonSet(_ set: DaemonSet, into base: JSONValue) -> JSONValue {
        var object = base
        object["status"] = [
            "desiredNumberScheduled": .int(Int64(set.status.desired)),
            "currentNumberScheduled": .int(Int64(set.status.current)), "numberReady": .int(Int64(set.status.ready)),
            "numberAvailable": .int(Int64(set.status.available)),
            "updatedNumberScheduled": .int(Int64(set.status.updated)), "numberMisscheduled": 0,
            "observedGeneration": .int(Int64(set.generation)),
        ]
        return object
    }

    func budget(_ budget: Budget, into base: JSONValue) -> JSONValue {
        var object = base
        let isAllowed = budget.status.disruptionsAllowed > 0
        var status: JSONValue = [
            "currentHealthy": .int(Int64(budget.status.currentHealthy)),
            "desiredHealthy": .int(Int64(budget.status.desiredHealthy)),
            "disruptionsAllowed": .int(Int64(budget.status.disruptionsAllowed)),
            "expectedPods": .int(Int64(budget.status.expectedPods)),
            "observedGeneration": .int(Int64(budget.observedGeneration)),
            "conditions": [
                [
                    "type": "DisruptionAllowed", "status": isAllowed ? "True" : "False",
                    "reason": isAllowed ? "SufficientPods" : "InsufficientPods", "message": "",
                    "observedGeneration": .int(Int64(budget.observedGeneration)),
                ]
            ],
        ]
        if !budget.disrupted.isEmpty {
            status["disruptedPods"] = .object(budget.disrupted.mapValues(stamp))
        }
        object["status"] = status
        return object
    }
}
