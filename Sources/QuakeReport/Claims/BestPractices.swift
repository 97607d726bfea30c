/// The vendor's page "Multicluster peering: best practices", sentence by sentence in its order, in our own words. A pure
/// table: what runs showed is put next to it by ``ClaimsPage``.
package enum BestPractices {
    /// A part of the page, with its sentences in order.
    package struct Section: Sendable {
        package var title: String
        package var claims: [Claim]

        package init(title: String, claims: [Claim]) {
            self.title = title
            self.claims = claims
        }
    }

    package static let sections: [Section] = [
        Section(title: "Introduction", claims: introduction),
        Section(title: "LoadBalancer and NodePort", claims: methods),
        Section(title: "Node lifecycle", claims: lifecycle),
        Section(title: "Node affinity", claims: affinity),
        Section(title: "PodDisruptionBudget", claims: budget),
        Section(title: "Expiry of NodePools", claims: expiry),
        Section(title: "Resiliency of the data plane", claims: dataPlane),
        Section(title: "Resiliency of the control plane", claims: controlPlane),
        Section(title: "Detection of unhealthy nodes", claims: detection),
        Section(title: "The complete example", claims: example),
    ]

    /// Every plan that a claim is measured by, in the order of the claims.
    package static var plans: [String] {
        sections.flatMap(\.claims).reduce(into: []) { found, claim in
            guard case .measured(let measurements) = claim.test else { return }
            for measurement in measurements where !found.contains(measurement.plan) { found.append(measurement.plan) }
        }
    }

    static func untestable(_ sentence: String, rules: [String] = [], why: String) -> Claim {
        Claim(sentence, rules: rules, .untestable(why))
    }

    private static let introduction: [Claim] = [
        untestable("The page has best practices for peered clusters.", why: "it announces what follows"),
        Claim(
            "Peering relies on the east-west gateway pods of each cluster.", rules: ["gateway-missing"],
            .measured([
                ClaimMeasurement(
                    "practices/replicas", [ClaimFigure("only gateway killed, lost", .lost("kill"), ["replicas": "1"])],
                    [.atLeast("only gateway killed, lost", 0.9)])
            ])),
        untestable(
            "For high availability follow the practices for lifecycle, resiliency and health detection.",
            why: "the sum of the rows below"),
        untestable(
            "The practices apply to both peering methods; NodePort needs some at the level of nodes.",
            why: "every plan below is run via both methods"),
    ]

    private static let methods: [Claim] = [
        untestable(
            "Each cluster gets an east-west gateway, a ztunnel, that carries traffic between clusters.",
            why: "the stand-in has another gateway; what ztunnel does was recorded (docs/fidelity.md)"),
        untestable(
            "From the distribution's 1.28 either LoadBalancer or NodePort addresses can be used.", rules: [],
            why: "a fact of a product's version"),
        untestable(
            "NodePort is beta in its 1.29.", rules: ["solo-nodeport-beta"], why: "a fact of a product's version"),
        untestable(
            "LoadBalancer: traffic goes to the gateway's LoadBalancer address.",
            why: "a definition; every LoadBalancer trial is run this way"),
        Claim(
            "NodePort: annotated gateways give direct traffic from pod to pod.",
            rules: ["solo-annotation-case", "solo-annotation-one-sided", "external-traffic-policy-cluster"],
            .measured([
                ClaimMeasurement(
                    "practices/pod-to-pod",
                    [
                        ClaimFigure(
                            "Cluster, landed elsewhere", .elsewhere("watched"), ["externalTrafficPolicy": "Cluster"],
                            via: ["NodePort"]),
                        ClaimFigure(
                            "Local, landed elsewhere", .elsewhere("watched"), ["externalTrafficPolicy": "Local"],
                            via: ["NodePort"]),
                    ],
                    [.atMost("Cluster, landed elsewhere", 0), .atMost("Local, landed elsewhere", 0)],
                    [
                        .depends:
                            "A nodePort is forwarded by kube-proxy. With the default policy, Cluster, the page is wrong: a "
                            + "dial is sent on to another node's gateway as often as not. Only Local keeps it on its node."
                    ])
            ])),
        untestable("NodePort avoids LoadBalancer Services and their cost.", why: "prices are not measured"),
        Claim(
            "The gateways still need stable addresses, for xDS with istiod.", rules: ["gateway-address-missing"],
            manifests: ["istiod-address-gone.yaml"],
            .measured([
                ClaimMeasurement(
                    "practices/xds-address",
                    [
                        ClaimFigure(
                            "address gone, lost", .lost("restart-istiod"), ["address": "gone"], via: ["NodePort"]),
                        ClaimFigure(
                            "then a node killed, recovery", .recovery("kill"), ["address": "gone"], via: ["NodePort"]),
                        ClaimFigure("address kept", .recovery("kill"), ["address": "kept"], via: ["NodePort"]),
                    ],
                    [
                        .atMost("address gone, lost", 0.01), .lasts("then a node killed, recovery"),
                        .recovers("address kept"),
                    ],
                    [.confirmed: "Traffic continues with the targets known last; what stops is propagation."])
            ])),
        Claim(
            "NodePort is for the data plane: requests go to NodePorts in place of the LoadBalancer's address.",
            .measured([
                ClaimMeasurement(
                    "practices/targets",
                    [
                        ClaimFigure(
                            "dials to the gateway's node", .dials(to: "west-worker", step: "before"))
                    ],
                    [.atLeast("dials to the gateway's node", 0.99)],
                    [.depends: "So it is via NodePort; a load balancer dials every worker, as it should."])
            ])),
        untestable(
            "The gateway needs the label of its cluster.", rules: ["cluster-label-missing"],
            why: "the stand-in knows its cluster from its installation"),
        Claim(
            "When a target node goes away, the client's cluster learns of it with a delay.",
            .measured([
                ClaimMeasurement(
                    "practices/replicas",
                    [ClaimFigure("recovery", .recovery("kill"), ["replicas": "2"])], [.atLeast("recovery", 1)],
                    [.confirmed: "Via LoadBalancer no less than via NodePort."])
            ])),
        Claim(
            "Meanwhile connections to a gateway that accepts none may fail.",
            .measured([
                ClaimMeasurement(
                    "practices/replicas", [ClaimFigure("lost", .lost("kill"), ["replicas": "2"])],
                    [.atLeast("lost", 0.01)], [.confirmed: "Via LoadBalancer no less than via NodePort."])
            ])),
        Claim(
            "Only nodes with a gateway pod are targets.", manifests: ["gateway-in-a.yaml", "gateway-in-b.yaml"],
            .measured([
                ClaimMeasurement(
                    "practices/targets",
                    [
                        ClaimFigure(
                            "dials to the gateway's node, before", .dials(to: "west-worker", step: "before"),
                            via: ["NodePort"]),
                        ClaimFigure(
                            "after it has moved", .dials(to: "west-worker2", step: "after"), via: ["NodePort"]),
                    ],
                    [
                        .atLeast("dials to the gateway's node, before", 0.999),
                        .atLeast("after it has moved", 0.999),
                    ])
            ])),
        untestable(
            "NodePort uses only InternalIP addresses of nodes.", rules: ["gateway-node-no-internal-ip"],
            why: "the stand-in knows no other addresses"),
        untestable(
            "Nodes must be reachable at their InternalIP.", rules: ["gateway-node-unreachable"],
            why: "a requirement of the network; the audit's rule tries it"),
        untestable("For other types of address the vendor has to be asked.", why: "no technical statement"),
        untestable(
            "NodePort gateways take traffic of Envoy ingress gateways, waypoints and sidecars too.",
            why: "the stand-in has none of these"),
        untestable("The feature is beta.", rules: ["solo-nodeport-beta"], why: "a fact of a product's version"),
        untestable(
            "It is for default networks, not for flat ones.", rules: ["flat-network"],
            why: "the stand-in has no flat network"),
        untestable("The guides have the steps for both methods.", why: "a reference"),
    ]

    private static let example: [Claim] = [
        untestable("All practices together give the example's resources.", why: "a reference to manifests"),
        untestable("They apply to both methods.", why: "the rows above show both methods"),
        untestable(
            "Health detection and the control plane's resiliency concern NodePort alone.",
            why: "repeats sentences above; see there for what LoadBalancer shows"),
        untestable("With NodePort, istiod should be spread as well.", why: "repeats a sentence above"),
    ]
}
