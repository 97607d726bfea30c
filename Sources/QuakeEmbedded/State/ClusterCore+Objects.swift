import FoundationEssentials
import QuakeBase
import QuakeDecoding
import QuakeKube
import QuakeMesh
import QuakeSim

/// Objects that controllers make.
extension ClusterCore {
    func hex(_ digits: Int) -> String {
        let text = String(generator.next(), radix: 16)
        return String((text + "0000000000000000").prefix(digits))
    }

    func uid() -> String {
        let bits = hex(16) + hex(16)
        let parts = [(0, 8), (8, 12), (12, 16), (16, 20), (20, 32)].map { start, end in
            String(bits.dropFirst(start).prefix(end - start))
        }
        return parts.joined(separator: "-")
    }

    func metadata(name: String, namespace: String = "", labels: [String: String] = [:]) -> JSONValue {
        var meta: JSONValue = [
            "name": .string(name), "uid": .string(uid()), "creationTimestamp": render.stamp(sim.now),
        ]
        if !namespace.isEmpty { meta["namespace"] = .string(namespace) }
        if !labels.isEmpty { meta["labels"] = JSONValue(labels) }
        return meta
    }

    func ownerReference(_ kind: ResourceKind, _ key: ObjectKey) -> JSONValue {
        [
            [
                "apiVersion": .string(kind.apiVersion), "kind": .string(kind.kind), "name": .string(key.name),
                "uid": .string(store[kind, key]?.uid ?? ""), "controller": true, "blockOwnerDeletion": true,
            ]
        ]
    }

    /// A pod that a controller made, from its owner's template.
    func podObject(_ pod: Pod) -> JSONValue {
        let owner = pod.owner.map { owner -> (ResourceKind, ObjectKey) in
            (owner.kind == .replicaSet ? .replicaSets : .daemonSets, ObjectKey(pod.key.namespace, owner.name))
        }
        let template = owner.flatMap { store[$0.0, $0.1]?[path: "spec.template"] } ?? .null
        var meta = metadata(name: pod.key.name, namespace: pod.key.namespace, labels: pod.template.labels)
        meta["creationTimestamp"] = render.stamp(pod.created)
        if !template.annotations.isEmpty { meta["annotations"] = JSONValue(template.annotations) }
        if let owner {
            meta["generateName"] = .string("\(owner.1.name)-")
            meta["ownerReferences"] = ownerReference(owner.0, owner.1)
        }
        var spec = template["spec"] ?? [:]
        Defaults.podSpec(&spec, tolerations: true)
        setPriority(&spec)
        if let pinned = pod.pinnedTo, pod.owner != nil { pin(&spec, to: pinned) }
        return ["metadata": meta, "spec": spec]
    }

    /// The node affinity that the DaemonSet controller gives each pod.
    private func pin(_ spec: inout JSONValue, to node: String) {
        let term: JSONValue = [
            "matchFields": [["key": "metadata.name", "operator": "In", "values": [.string(node)]]]
        ]
        spec.set(
            ["requiredDuringSchedulingIgnoredDuringExecution": ["nodeSelectorTerms": [term]]], at: "affinity",
            "nodeAffinity")
    }

    func publish(_ set: ReplicaSet) {
        let base = store[.replicaSets, set.key] ?? replicaSetObject(set)
        store.commit(.replicaSets, set.key, render.replicaSet(set, into: base))
    }

    private func replicaSetObject(_ set: ReplicaSet) -> JSONValue {
        let owner = set.owner.map { ObjectKey(set.key.namespace, $0) }
        let deployment = owner.flatMap { store[.deployments, $0] } ?? .null
        var template = deployment[path: "spec.template"] ?? [:]
        template.set(JSONValue(set.template.labels), at: "metadata", "labels")
        var selector = deployment[path: "spec.selector"] ?? [:]
        selector.set(.string(set.hash), at: "matchLabels", WellKnown.podTemplateHash)
        var meta = metadata(name: set.key.name, namespace: set.key.namespace, labels: set.template.labels)
        meta["creationTimestamp"] = render.stamp(set.created)
        if let owner { meta["ownerReferences"] = ownerReference(.deployments, owner) }
        return ["metadata": meta, "spec": ["selector": selector, "template": template]]
    }

    func publishSlice(_ service: Service, of object: JSONValue, _ targets: [ForwardingTable.Target]) {
        let existing = store.keys(of: .endpointSlices).first { key in
            key.namespace == service.key.namespace
                && store[.endpointSlices, key]?.labels[WellKnown.serviceName] == service.key.name
        }
        let key = existing ?? ObjectKey(service.key.namespace, "\(service.key.name)-\(generator.nameSuffix())")
        var slice = store[.endpointSlices, key] ?? sliceObject(key, of: service, object)
        slice["endpoints"] = .array(
            zip(service.endpoints, targets).map { endpoint, target in
                [
                    "addresses": [.string(target.address)], "nodeName": .string(endpoint.node),
                    "conditions": [
                        "ready": .bool(endpoint.ready), "serving": .bool(endpoint.serving),
                        "terminating": .bool(endpoint.terminating),
                    ],
                    "targetRef": [
                        "kind": "Pod", "name": .string(endpoint.pod.name),
                        "namespace": .string(endpoint.pod.namespace),
                        "uid": .string(store[.pods, endpoint.pod]?.uid ?? ""),
                    ],
                ]
            })
        store.commit(.endpointSlices, key, slice)
    }

    private func sliceObject(_ key: ObjectKey, of service: Service, _ object: JSONValue) -> JSONValue {
        var meta = metadata(
            name: key.name, namespace: key.namespace,
            labels: [
                WellKnown.serviceName: service.key.name,
                WellKnown.sliceManagedBy: "endpointslice-controller.k8s.io",
            ])
        meta["generateName"] = .string("\(service.key.name)-")
        meta["ownerReferences"] = ownerReference(.services, service.key)
        let ports = ServiceView(object).ports.map { port -> JSONValue in
            [
                "name": port["name"] ?? "", "port": port["targetPort"] ?? port["port"] ?? 0,
                "protocol": port["protocol"] ?? "TCP",
            ]
        }
        return ["metadata": meta, "addressType": "IPv4", "ports": .array(ports)]
    }

    // MARK: - Namespaces that go

    /// A namespace that is being deleted goes when nothing is left in it.
    func finishNamespaces() {
        for key in store.keys(of: .namespaces) {
            guard store[.namespaces, key]?.isBeingDeleted == true,
                !sim.pods.keys.contains(where: { $0.namespace == key.name })
            else { continue }
            store.remove(.namespaces, key)
        }
    }

    // MARK: - The first objects

    func bootstrap() {
        for name in ["default", "kube-system", "kube-public", "kube-node-lease"] {
            var meta = metadata(name: name, labels: [WellKnown.namespaceName: name])
            meta["uid"] = .string(uid())
            // The uid of kube-system is what a cluster is known by: a later cluster at the same address is another one.
            if name == "kube-system" { meta["uid"] = .string(UUID().uuidString.lowercased()) }
            store.commit(
                .namespaces, ObjectKey("", name),
                ["metadata": meta, "spec": ["finalizers": ["kubernetes"]], "status": ["phase": "Active"]])
        }
        bootPriorities()
        bootFlags()
        for (index, node) in shape.nodes.enumerated() { register(node, index: index) }
        for node in shape.nodes where node.isAged { bootAge(of: node) }
        for name in ["kube-proxy", "kindnet"] { systemDaemonSet(name) }
        for node in shape.nodes where node.isControlPlane {
            for name in ["etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler"] {
                staticPod(name, on: node.name)
            }
        }
    }

    /// What a cluster shows whose nodes Karpenter made before: the Node's age, and the NodePool and NodeClaim of one of a pool.
    private func bootAge(of node: ClusterShape.NodeShape) {
        // As the first objects are dated.
        let startSeconds = (render.epoch + sim.now.nanoseconds) / 1_000_000_000
        let born = JSONValue.string(Timestamp.text(seconds: startSeconds - node.age.components.seconds))
        if var object = store[.nodes, ObjectKey("", node.name)] {
            object.set(born, at: "metadata", "creationTimestamp")
            store.commit(.nodes, ObjectKey("", node.name), object)
        }
        guard let pool = node.labels[WellKnown.nodePool] else { return }
        let expiry: JSONValue = [
            "expireAfter": .string(node.expireAfter), "requirements": [],
            "nodeClassRef": ["group": "peerquake.dev", "kind": "EmbeddedNodeClass", "name": "embedded"],
        ]
        if store[.nodePools, ObjectKey("", pool)] == nil {
            store.commit(
                .nodePools, ObjectKey("", pool),
                ["metadata": metadata(name: pool), "spec": ["template": ["spec": expiry]]])
        }
        let name = "\(pool)-\(node.name)"
        var meta = metadata(name: name, labels: [WellKnown.nodePool: pool])
        meta["creationTimestamp"] = born
        store.commit(
            .nodeClaims, ObjectKey("", name),
            ["metadata": meta, "spec": expiry, "status": ["nodeName": .string(node.name)]])
    }

    func register(_ shape: ClusterShape.NodeShape, index: Int) {
        let address = addresses.node(index)
        nodeAddresses[shape.name] = address
        store.commit(.nodes, ObjectKey("", shape.name), nodeObject(shape, address: address))
        sim.addNode(shape.name, labels: shape.labels, taints: shape.taints)
        tell(.nodeAdded(shape.name, address: address))
    }

    private func nodeObject(_ shape: ClusterShape.NodeShape, address: String) -> JSONValue {
        let name = shape.name
        let resources: JSONValue = ["cpu": "2", "memory": "4Gi", "pods": "110", "ephemeral-storage": "64Gi"]
        return [
            "metadata": metadata(name: name, labels: shape.labels),
            "spec": ["providerID": .string("peerquake://embedded/\(self.shape.name)/\(name)")],
            "status": [
                "addresses": [
                    ["type": "InternalIP", "address": .string(address)],
                    ["type": "Hostname", "address": .string(name)],
                ],
                "capacity": resources, "allocatable": resources,
                "nodeInfo": [
                    "kubeletVersion": .string(shape.version), "kubeProxyVersion": "", "operatingSystem": "linux",
                    "architecture": "amd64", "osImage": "Peerquake embedded", "kernelVersion": "embedded",
                    "containerRuntimeVersion": "peerquake://1", "machineID": .string(name), "systemUUID": .string(name),
                    "bootID": .string(name),
                ],
                "daemonEndpoints": ["kubeletEndpoint": ["Port": 10250]], "images": [],
            ],
        ]
    }

    private func systemDaemonSet(_ name: String) {
        let key = ObjectKey("kube-system", name)
        var object: JSONValue = [
            "metadata": metadata(name: name, namespace: "kube-system", labels: ["k8s-app": .init(name)]),
            "spec": [
                "selector": ["matchLabels": ["k8s-app": .string(name)]],
                "template": [
                    "metadata": ["labels": ["k8s-app": .string(name)]],
                    "spec": [
                        "hostNetwork": true, "tolerations": [["operator": "Exists"]],
                        "containers": [
                            ["name": .string(name), "image": .string("registry.k8s.io/\(name):\(shape.version)")]
                        ],
                    ],
                ],
            ],
        ]
        object.set(1, at: "metadata", "generation")
        Defaults.fill(&object, kind: .daemonSets)
        store.commit(.daemonSets, key, object)
        sim.put(Decode.daemonSet(object, key, now: sim.now))
    }

    /// The mirror of a static pod: drains leave it alone.
    private func staticPod(_ name: String, on node: String) {
        let command = name == "kube-controller-manager" ? managerCommand : [name]
        let key = ObjectKey("kube-system", "\(name)-\(node)")
        var meta = metadata(
            name: key.name, namespace: key.namespace, labels: ["component": name, "tier": "control-plane"])
        meta["annotations"] = [WellKnown.mirror: .string(hex(16))]
        meta["ownerReferences"] = ownerReference(.nodes, ObjectKey("", node))
        var object: JSONValue = [
            "metadata": meta,
            "spec": [
                "hostNetwork": true, "nodeName": .string(node),
                "tolerations": [["operator": "Exists", "effect": "NoExecute"], ["operator": "Exists"]],
                "containers": [
                    [
                        "name": .string(name), "image": .string("registry.k8s.io/\(name):\(shape.version)"),
                        "command": .array(command.map { .string($0) }),
                    ]
                ],
            ],
        ]
        Defaults.fill(&object, kind: .pods)
        store.commit(.pods, key, object)
        sim.createPod(key, template: Decode.template(object), node: node)
    }
}
