import QuakeBase
package import QuakeKube
package import QuakeMesh

/// The stand-in's objects in one cluster.
package struct MeshManifests: Sendable {
    package var cluster: String
    package var tunings: MeshTunings
    package var token: String

    package init(cluster: String, tunings: MeshTunings, token: String) {
        self.cluster = cluster
        self.tunings = tunings
        self.token = token
    }

    typealias Names = MeshNames

    /// Everything that a cluster needs to be a server of its peers, in the order of creation.
    package var server: [JSONValue] {
        [Names.backendNamespace, Names.gatewayNamespace, Names.systemNamespace].map(namespace) + access() + [
            secret(), gatewayTemplate(),
            deployment(
                Names.backend, in: Names.backendNamespace, role: "echo", replicas: 2, port: 8080, onControlPlane: true,
                antiAffinity: false, environment: []),
            reachable(
                service(
                    Names.backend, in: Names.backendNamespace, type: "NodePort", port: 8080,
                    selector: ["app": .string(Names.backend)])),
            gatewayDeployment(), gatewayService(),
            deployment(
                Names.istiod, in: Names.systemNamespace, role: "istiod", replicas: 1, port: MeshPort.targets,
                onControlPlane: true, antiAffinity: false, environment: istiodEnvironment()),
            service(
                Names.istiodService, in: Names.systemNamespace, type: "LoadBalancer", port: MeshPort.targets,
                selector: ["app": .string(Names.istiod)]),
        ]
    }

    /// What a cluster needs to reach one peer, whose addresses are known by then.
    package func balancer(peer: String, gatewayAddress: String, istiodAddress: String) -> [JSONValue] {
        let name = Names.balancer(peer)
        var service = reachable(
            service(
                name, in: Names.systemNamespace, type: "NodePort", port: MeshPort.balancer,
                selector: ["app": .string(name)]))
        service.set(.string(peer), at: "metadata", "labels", Names.peerLabel)
        service.set("loadbalancer", at: "metadata", "annotations", Names.methodAnnotation)
        service.set(.string(tunings.tunnels), at: "metadata", "annotations", Names.tunnelsAnnotation)
        let environment: [JSONValue] = [
            Self.variable("PEER", peer), Self.variable("SERVICE", "\(Names.systemNamespace)/\(name)"),
            Self.variable("GATEWAY_ADDRESS", "\(gatewayAddress):\(MeshPort.gateway)"),
            Self.variable("ISTIOD_ADDRESS", "\(istiodAddress):\(MeshPort.targets)"),
            Self.variable("KEEPALIVE", tunings.keepalive),
            Self.variable("KEEPALIVE_TIMEOUT", tunings.keepaliveTimeout), tokenVariable(),
            Self.variable("TUNNELS", tunings.tunnels), Self.variable("TUNNEL_STREAMS", tunings.tunnelStreams),
            Self.variable("INNER_TUNNELS", tunings.innerTunnels),
            Self.variable("SOURCE_PORT_REST", tunings.sourcePortRest),
        ]
        return [
            service,
            deployment(
                name, in: Names.systemNamespace, role: "balancer", replicas: 1, port: MeshPort.balancer,
                onControlPlane: true, antiAffinity: false, environment: environment + tunnelTimes),
        ]
    }

    private var tunnelTimes: [JSONValue] {
        [
            Self.variable("TUNNEL_CONNECT_TIMEOUT", tunings.tunnelConnectTimeout),
            Self.variable("TUNNEL_PING_INTERVAL", tunings.tunnelPingInterval),
            Self.variable("TUNNEL_PING_TIMEOUT", tunings.tunnelPingTimeout),
            Self.variable("TUNNEL_IDLE_RELEASE", tunings.tunnelIdleRelease),
        ]
    }

    // MARK: - Parts

    func meta(_ name: String, _ namespace: String?, labels: [String: JSONValue] = [:]) -> JSONValue {
        var all = labels
        all[WellKnown.managedBy] = "peerquake"
        var meta: JSONValue = ["name": .string(name), "labels": .object(all)]
        if let namespace { meta["namespace"] = .string(namespace) }
        return meta
    }

    func namespace(_ name: String) -> JSONValue {
        ["apiVersion": "v1", "kind": "Namespace", "metadata": meta(name, nil)]
    }

    private func secret() -> JSONValue {
        [
            "apiVersion": "v1", "kind": "Secret", "metadata": meta(Names.tokenSecret, Names.systemNamespace),
            "type": "Opaque", "stringData": ["token": .string(token)],
        ]
    }

    static func variable(_ name: String, _ value: String) -> JSONValue {
        ["name": .string("PEERQUAKE_\(name)"), "value": .string(value)]
    }

    private static func variable(_ name: String, field: String) -> JSONValue {
        ["name": .string("PEERQUAKE_\(name)"), "valueFrom": ["fieldRef": ["fieldPath": .string(field)]]]
    }

    private func tokenVariable() -> JSONValue {
        [
            "name": "PEERQUAKE_TOKEN",
            "valueFrom": ["secretKeyRef": ["name": .string(Names.tokenSecret), "key": "token"]],
        ]
    }

    /// Changes with the token, so that pods start anew with another one. FNV-1a (Fowler, Noll and Vo): it tells nothing of
    /// a token of 256 random bits.
    private var tokenMark: String {
        String(token.utf8.reduce(0xCBF2_9CE4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }, radix: 16)
    }

    private func istiodEnvironment() -> [JSONValue] {
        [Self.variable("GATEWAY", "\(Names.gatewayNamespace)/\(Names.gateway)"), tokenVariable()]
    }

    func service(
        _ name: String, in namespace: String, type: String, port: Int, selector: JSONValue
    ) -> JSONValue {
        [
            "apiVersion": "v1", "kind": "Service", "metadata": meta(name, namespace),
            "spec": [
                "type": .string(type), "selector": selector,
                "ports": [["name": "tcp", "port": .int(Int64(port)), "targetPort": .int(Int64(port))]],
            ],
        ]
    }

    /// For probers outside the cluster. Local: no node translates the prober's address, so that a dial's record names it.
    func reachable(_ service: JSONValue) -> JSONValue {
        var service = service
        service.set("Local", at: "spec", "externalTrafficPolicy")
        return service
    }

    func gatewayService() -> JSONValue {
        var service = service(
            Names.gateway, in: Names.gatewayNamespace, type: "LoadBalancer", port: MeshPort.gateway,
            selector: [WellKnown.gatewayName: .string(Names.gateway)])
        service.set(.string(cluster), at: "metadata", "labels", WellKnown.cluster)
        service.set(.string(Names.gateway), at: "metadata", "labels", WellKnown.gatewayName)
        return service
    }

    func gatewayDeployment() -> JSONValue {
        var object = deployment(
            Names.gateway, in: Names.gatewayNamespace, role: "gateway", replicas: 2, port: MeshPort.gateway,
            onControlPlane: false, antiAffinity: true,
            environment: [
                Self.variable("BACKEND", "\(Names.backendNamespace)/\(Names.backend):8080"),
                Self.variable("DRAIN", tunings.gatewayDrain),
            ] + tunnelTimes)
        object.set(.string(cluster), at: "metadata", "labels", WellKnown.cluster)
        return object
    }

    func deployment(
        _ name: String, in namespace: String, role: String, replicas: Int, port: Int, onControlPlane: Bool,
        antiAffinity: Bool, environment: [JSONValue]
    ) -> JSONValue {
        let isGateway = role == "gateway"
        var labels: [String: JSONValue] = ["app": .string(name)]
        if isGateway { labels[WellKnown.gatewayName] = .string(name) }
        var container: JSONValue = [
            "name": .string(role), "image": .string(Names.image), "imagePullPolicy": "IfNotPresent",
            "args": [.string(role)],
            "env": .array(
                [
                    Self.variable("CLUSTER", cluster), Self.variable("NODE", field: "spec.nodeName"),
                    Self.variable("POD", field: "metadata.name"), Self.variable("POD_IP", field: "status.podIP"),
                ] + environment),
            "ports": [["containerPort": .int(Int64(port))]],
        ]
        if role != "echo" {
            container["readinessProbe"] = [
                "httpGet": ["path": "/healthz", "port": .int(Int64(MeshPort.admin))], "periodSeconds": 2,
            ]
        }
        if isGateway { container["lifecycle"] = ["preStop": ["sleep": ["seconds": 5]]] }
        var pod: JSONValue = [
            "serviceAccountName": .string("peerquake-\(role)"), "terminationGracePeriodSeconds": 30,
            "containers": [container],
        ]
        if onControlPlane { Self.placeOnControlPlane(&pod) }
        if antiAffinity {
            pod["affinity"] = [
                "podAntiAffinity": [
                    "requiredDuringSchedulingIgnoredDuringExecution": [
                        [
                            "labelSelector": ["matchLabels": .object(labels)],
                            "topologyKey": .string(WellKnown.hostname),
                        ]
                    ]
                ]
            ]
        }
        return [
            "apiVersion": "apps/v1", "kind": "Deployment", "metadata": meta(name, namespace, labels: labels),
            "spec": [
                "replicas": .int(Int64(replicas)), "selector": ["matchLabels": .object(labels)],
                "template": [
                    "metadata": ["labels": .object(labels), "annotations": [Names.tokenMark: .string(tokenMark)]],
                    "spec": pod,
                ],
            ],
        ]
    }

    /// No worker's fault is then one of this part.
    private static func placeOnControlPlane(_ pod: inout JSONValue) {
        pod["tolerations"] = [
            ["key": .string(WellKnown.controlPlaneRole), "operator": "Exists", "effect": "NoSchedule"]
        ]
        pod["affinity"] = [
            "nodeAffinity": [
                "requiredDuringSchedulingIgnoredDuringExecution": [
                    "nodeSelectorTerms": [
                        ["matchExpressions": [["key": .string(WellKnown.controlPlaneRole), "operator": "Exists"]]]
                    ]
                ]
            ]
        ]
    }

    // MARK: - Access

    private func access() -> [JSONValue] {
        account("echo", Names.backendNamespace) + account("gateway", Names.gatewayNamespace)
            + account("istiod", Names.systemNamespace) + account("balancer", Names.systemNamespace)
            + role(
                "gateway", in: Names.backendNamespace, account: Names.gatewayNamespace,
                rules: [Self.rule("discovery.k8s.io", ["endpointslices"])])
            + role(
                "istiod", in: Names.gatewayNamespace, account: Names.systemNamespace,
                rules: [Self.rule("discovery.k8s.io", ["endpointslices"])] + gatewayRules)
            + role(
                "istiod", in: Names.systemNamespace, account: Names.systemNamespace,
                rules: [
                    Self.rule("", ["configmaps"]),
                    Self.rule("coordination.k8s.io", ["leases"], ["get", "create", "update", "patch", "delete"]),
                ])
            + role(
                "balancer", in: Names.systemNamespace, account: Names.systemNamespace,
                rules: [Self.rule("", ["services"])])
            + nodeReader("istiod")
    }

    static func rule(
        _ group: String, _ resources: [String], _ verbs: [String] = ["get", "list", "watch"]
    ) -> JSONValue {
        [
            "apiGroups": [.string(group)], "resources": .array(resources.map { .string($0) }),
            "verbs": .array(verbs.map { .string($0) }),
        ]
    }

    func account(_ role: String, _ namespace: String) -> [JSONValue] {
        [["apiVersion": "v1", "kind": "ServiceAccount", "metadata": meta("peerquake-\(role)", namespace)]]
    }

    /// What a load balancer outside the cluster needs: an account with a token that reads Nodes and the balanced
    /// Services.
    package static var loadBalancerAccess: [JSONValue] {
        let manifests = MeshManifests(cluster: "", tunings: MeshTunings(), token: "")
        let name = "peerquake-loadbalancer"
        return manifests.account("loadbalancer", Names.systemNamespace)
            + [Names.systemNamespace, Names.gatewayNamespace].flatMap { namespace in
                manifests.role(
                    "loadbalancer", in: namespace, account: Names.systemNamespace,
                    rules: [rule("", ["services"])])
            } + manifests.nodeReader("loadbalancer") + [
                [
                    "apiVersion": "v1", "kind": "Secret", "type": .string(WellKnown.accountToken),
                    "metadata": [
                        "name": .string(Names.loadBalancerToken), "namespace": .string(Names.systemNamespace),
                        "labels": [WellKnown.managedBy: "peerquake"],
                        "annotations": [WellKnown.accountName: .string(name)],
                    ],
                ]
            ]
    }

    private func role(_ role: String, in namespace: String, account: String, rules: [JSONValue]) -> [JSONValue] {
        let name = "peerquake-\(role)"
        return [
            [
                "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "metadata": meta(name, namespace),
                "rules": .array(rules),
            ],
            [
                "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding", "metadata": meta(name, namespace),
                "roleRef": ["apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": .string(name)],
                "subjects": [["kind": "ServiceAccount", "name": .string(name), "namespace": .string(account)]],
            ],
        ]
    }

    private func nodeReader(_ role: String) -> [JSONValue] {
        let name = "peerquake-\(role)"
        return [
            [
                "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": meta(name, nil),
                "rules": [Self.rule("", ["nodes"])],
            ],
            [
                "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding",
                "metadata": meta(name, nil),
                "roleRef": ["apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": .string(name)],
                "subjects": [
                    [
                        "kind": "ServiceAccount", "name": .string(name),
                        "namespace": .string(Names.systemNamespace),
                    ]
                ],
            ],
        ]
    }
}
