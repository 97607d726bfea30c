import QuakeBase
package import QuakeKube
import QuakeMesh

/// What makes the gateway one of the Gateway API, whose objects istiod builds.
extension MeshManifests {
    /// The class and the east-west Gateway, in the order of creation.
    package var gateways: [JSONValue] {
        [
            [
                "apiVersion": "gateway.networking.k8s.io/v1", "kind": "GatewayClass",
                "metadata": meta(Names.gatewayClass, nil),
                "spec": ["controllerName": .string(Names.gatewayController)],
            ],
            [
                "apiVersion": "gateway.networking.k8s.io/v1", "kind": "Gateway",
                "metadata": meta(
                    Names.gateway, Names.gatewayNamespace, labels: [WellKnown.cluster: .string(cluster)]),
                "spec": [
                    "gatewayClassName": .string(Names.gatewayClass),
                    "listeners": [
                        ["name": "cross-network", "port": .int(Int64(MeshPort.gateway)), "protocol": "HBONE"]
                    ],
                ],
            ],
        ]
    }

    /// What the class makes of a Gateway, for istiod: the very objects that are installed.
    func gatewayTemplate() -> JSONValue {
        let account = self.account("gateway", Names.gatewayNamespace)[0]
        return [
            "apiVersion": "v1", "kind": "ConfigMap", "metadata": meta(Names.gatewayTemplate, Names.systemNamespace),
            "data": [
                "deployment": .string(gatewayDeployment().text()), "service": .string(gatewayService().text()),
                "serviceAccount": .string(account.text()),
            ],
        ]
    }

    /// What istiod's elected replica may do to them.
    var gatewayRules: [JSONValue] {
        let write = ["get", "list", "watch", "create", "patch"]
        return [
            Self.rule("", ["services", "serviceaccounts"], write), Self.rule("apps", ["deployments"], write),
            Self.rule("policy", ["poddisruptionbudgets"], write),
            Self.rule("autoscaling", ["horizontalpodautoscalers"], write),
            Self.rule("gateway.networking.k8s.io", ["gateways"]),
            Self.rule("gateway.networking.k8s.io", ["gateways/status"], ["patch"]),
        ]
    }

    /// Definitions of the Gateway API's kinds, for clusters that have none: without its schemas, whose objects are then
    /// taken as they are.
    package static var gatewayDefinitions: [JSONValue] {
        [("gateways", "Gateway", true), ("gatewayclasses", "GatewayClass", false)].map { plural, kind, isNamespaced in
            let manifests = MeshManifests(cluster: "", tunings: MeshTunings(), token: "")
            var meta = manifests.meta("\(plural).gateway.networking.k8s.io", nil)
            // Groups of Kubernetes' own are refused without it.
            meta["annotations"] = ["api-approved.kubernetes.io": "unapproved, for the tests of Peerquake"]
            let schema: JSONValue = [
                "type": "object", "x-kubernetes-preserve-unknown-fields": true,
            ]
            return [
                "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "metadata": meta,
                "spec": [
                    "group": "gateway.networking.k8s.io", "scope": isNamespaced ? "Namespaced" : "Cluster",
                    "names": [
                        "plural": .string(plural), "singular": .string(kind.lowercased()), "kind": .string(kind),
                        "listKind": .string("\(kind)List"),
                    ],
                    "versions": [
                        [
                            "name": "v1", "served": true, "storage": true, "subresources": ["status": [:]],
                            "schema": ["openAPIV3Schema": schema],
                        ]
                    ],
                ],
            ]
        }
    }
}
