extension BestPractices {
    private static func replicas(_ name: String, _ quantity: ClaimQuantity, _ count: String) -> ClaimFigure {
        ClaimFigure(name, quantity, ["replicas": count])
    }

    static let dataPlane: [Claim] = [
        Claim(
            "Gateways should have several replicas with pod anti-affinity.",
            rules: ["gateway-single-replica", "gateway-anti-affinity-missing"],
            manifests: ["gateway-key-hostname.yaml"],
            .measured([
                ClaimMeasurement(
                    "practices/replicas",
                    [
                        replicas("one, lost", .lost("kill"), "1"), replicas("recovery", .recovery("kill"), "1"),
                        replicas("two, lost", .lost("kill"), "2"), replicas("two, recovery", .recovery("kill"), "2"),
                    ], [.lasts("recovery"), .recovers("two, recovery")])
            ])),
        Claim(
            "Pod anti-affinity lets no two gateways run on one node.",
            rules: ["gateway-pods-share-node", "gateway-anti-affinity-selector"],
            manifests: ["gateway-key-hostname.yaml"],
            .measured([
                ClaimMeasurement(
                    "practices/topology-key",
                    [ClaimFigure("two gateways, one node free", .outcome("place"), ["key": "hostname"])],
                    [.ends("two gateways, one node free", "stalled")])
            ])),
        untestable("Kubernetes documents pod affinity.", why: "a reference"),
        Claim(
            "If one node fails, the others' replicas carry on.",
            .measured([
                ClaimMeasurement(
                    "practices/replicas",
                    [
                        replicas("lost", .lost("kill"), "2"), replicas("blackout", .blackout("kill"), "2"),
                        replicas("recovery", .recovery("kill"), "2"),
                    ], [.recovers("recovery")],
                    [.confirmed: "A share of the new connections fails anyway, until the node is NotReady."])
            ])),
        Claim(
            "All relevant nodes must have the topologyKey.", rules: ["gateway-topology-key-missing"],
            manifests: ["gateway-key-missing.yaml", "gateway-spread-missing.yaml"],
            .measured([
                ClaimMeasurement(
                    "practices/topology-key",
                    [
                        ClaimFigure("hostname, lost", .lost("kill"), ["key": "hostname"]),
                        ClaimFigure("recovery", .recovery("kill"), ["key": "hostname"]),
                        ClaimFigure("missing key, lost", .lost("kill"), ["key": "missing"]),
                        ClaimFigure("missing key, recovery", .recovery("kill"), ["key": "missing"]),
                    ], [.recovers("recovery"), .lasts("missing key, recovery")],
                    [
                        .confirmed:
                            "Nothing warns of anti-affinity with a missing key: any placement meets it, and it protects nothing."
                    ]),
                ClaimMeasurement(
                    "practices/topology-spread-key",
                    [ClaimFigure("spread constraint, missing key", .outcome("place"), ["key": "missing"])],
                    [.ends("spread constraint, missing key", "stalled")],
                    [.confirmed: "A spread constraint with a missing key leaves pods Pending."]),
            ])),
        Claim(
            "Against the loss of a zone the key is that of the zone.", rules: ["gateway-no-zone-spread"],
            manifests: ["gateway-key-zone.yaml"],
            .measured([
                ClaimMeasurement(
                    "practices/zone-loss",
                    [
                        ClaimFigure("by hostname, lost", .lost("kill"), ["key": "hostname"]),
                        ClaimFigure("recovery", .recovery("kill"), ["key": "hostname"]),
                        ClaimFigure("by zone, lost", .lost("kill"), ["key": "zone"]),
                        ClaimFigure("by zone, recovery", .recovery("kill"), ["key": "zone"]),
                    ], [.lasts("recovery"), .recovers("by zone, recovery")])
            ])),
    ]

    private static func istiod(_ name: String, _ placement: String, via methods: [String] = ["NodePort"]) -> ClaimFigure
    {
        ClaimFigure(name, .recovery("kill"), ["istiod": placement], via: methods)
    }

    private static func propagation(_ name: String, _ step: String, _ istiods: String) -> ClaimFigure {
        ClaimFigure(name, .propagation(step), ["istiods": istiods], via: ["NodePort"])
    }

    private static func placed(_ placement: String) -> ClaimTest {
        .measured([
            ClaimMeasurement(
                "practices/istiod-placement",
                [ClaimFigure("rollout", .outcome("place"), ["istiod": placement]), istiod("recovery", placement)],
                [.ends("rollout", "finished")])
        ])
    }

    static let controlPlane: [Claim] = [
        Claim(
            "NodePort: if a node fails that runs istiod, propagation may be disrupted.",
            rules: ["istiod-single-replica", "istiod-with-gateway"], manifests: ["istiod-1.yaml"],
            .measured([
                ClaimMeasurement(
                    "practices/istiod-placement",
                    [istiod("alone, recovery", "1"), istiod("three, recovery", "3-required")],
                    [.lasts("alone, recovery"), .recovers("three, recovery")])
            ])),
        Claim(
            "Then changes no longer reach workloads in other clusters.", manifests: ["istiod-address-gone.yaml"],
            .measured([
                ClaimMeasurement(
                    "practices/xds-address",
                    [
                        ClaimFigure("gone, recovery", .recovery("kill"), ["address": "gone"], via: ["NodePort"]),
                        ClaimFigure("kept, recovery", .recovery("kill"), ["address": "kept"], via: ["NodePort"]),
                    ], [.lasts("gone, recovery"), .recovers("kept, recovery")],
                    [.confirmed: "The change here is the exclusion of a dead node."]),
                ClaimMeasurement(
                    "practices/propagation",
                    [
                        propagation("one istiod, a gateway", "target", "1"),
                        propagation("three, a gateway", "target", "3"),
                        propagation("one istiod, a backend", "endpoint", "1"),
                    ],
                    [
                        .lasts("one istiod, a gateway"), .recovers("three, a gateway"),
                        .recovers("one istiod, a backend"),
                    ],
                    [.confirmed: "A change of backends is known without istiod, by gateways of the same cluster."]),
            ])),
        Claim(
            "Several istiods with anti-affinity or spread constraints mitigate this.",
            rules: ["istiod-single-replica", "istiod-not-spread"],
            manifests: ["istiod-3-preferred.yaml", "istiod-3-required.yaml", "istiod-3-spread.yaml"],
            .measured([
                ClaimMeasurement(
                    "practices/istiod-placement",
                    [
                        istiod("alone, recovery", "1"), istiod("preferred", "3-preferred"),
                        istiod("required", "3-required"), istiod("spread", "3-spread"),
                    ],
                    [
                        .lasts("alone, recovery"), .recovers("preferred"), .recovers("required"), .recovers("spread"),
                    ])
            ])),
        Claim("They are then on different nodes.", rules: ["istiod-anti-affinity-selector"], placed("3-required")),
        Claim(
            "With LoadBalancer this is not required.",
            .measured([
                ClaimMeasurement(
                    "practices/istiod-placement",
                    [
                        istiod("alone, recovery", "1", via: ["LoadBalancer"]),
                        istiod("three, recovery", "3-required", via: ["LoadBalancer"]),
                    ], [.recovers("alone, recovery"), .recovers("three, recovery")],
                    [.confirmed: "For the exclusion of dead nodes. Other changes need istiod via either method."])
            ])),
        untestable(
            "An example sets the anti-affinity by values of istiod's chart.", rules: ["istiod-affinity-ignored"],
            why: "the stand-in is installed without charts. Open-source charts from 1.14 to 1.31 read the example's "
                + "pilot.affinity, and those from 1.24 merge it over affinity"),
        Claim(
            "Its preference spreads istiods over zones and allows several on one node.",
            manifests: ["istiod-3-preferred.yaml"], placed("3-preferred")),
        Claim(
            "Stricter is required anti-affinity by hostname.", manifests: ["istiod-3-required.yaml"],
            placed("3-required")),
        Claim(
            "Topology spread constraints reach the same.", manifests: ["istiod-3-spread.yaml"], placed("3-spread")),
        Claim(
            "Required anti-affinity needs enough nodes.", rules: ["istiod-too-few-nodes"],
            .measured([
                ClaimMeasurement(
                    "practices/too-few-nodes",
                    [ClaimFigure("of gateways, required", .outcome("place"), ["affinity": "required"])],
                    [.ends("of gateways, required", "stalled")])
            ])),
        Claim(
            "Where there are too few, excess pods stay Pending.", rules: ["istiod-too-few-nodes"],
            .measured([
                ClaimMeasurement(
                    "practices/replicas-equal-nodes",
                    [
                        ClaimFigure("of gateways, as many as nodes, rollout", .outcome("rollout"), ["replicas": "3"])
                    ], [.ends("of gateways, as many as nodes, rollout", "stalled")],
                    [.confirmed: "Even with as many as nodes, at the next rollout."])
            ])),
    ]

    private static func noticed(_ name: String, _ place: Int) -> ClaimFigure {
        ClaimFigure(name, .detected("kill"), ["grace": "#\(place)"])
    }

    private static func balanced(_ name: String, _ quantity: ClaimQuantity, _ place: Int) -> ClaimFigure {
        ClaimFigure(name, quantity, ["grace": "#\(place)"], via: ["LoadBalancer"])
    }

    private static func blip(_ name: String, _ grace: Int, _ blip: Int) -> ClaimFigure {
        ClaimFigure(name, .notReady, ["grace": "#\(grace)", "blip": "#\(blip)"], via: ["NodePort"])
    }

    static let detection: [Claim] = [
        Claim(
            "NodePort: the control plane watches the nodes' health.",
            .measured([
                ClaimMeasurement(
                    "practices/not-ready",
                    [ClaimFigure("kubelet of one stopped, lost", .lost("stop"), ["count": "1"])],
                    [.atMost("kubelet of one stopped, lost", 0.01)],
                    [
                        .confirmed:
                            "What it watches is the kubelet: a gateway that works is excluded with its NotReady node."
                    ])
            ])),
        Claim(
            "A NotReady node is excluded from traffic.",
            .measured([
                ClaimMeasurement(
                    "practices/replicas",
                    [ClaimFigure("dead node, recovery", .recovery("kill"), ["replicas": "2"], via: ["NodePort"])],
                    [.recovers("dead node, recovery")]),
                ClaimMeasurement(
                    "practices/not-ready",
                    [ClaimFigure("both NotReady and working, lost", .lost("stop"), ["count": "2"], via: ["NodePort"])],
                    [.atLeast("both NotReady and working, lost", 0.1)],
                    [.confirmed: "Also where it is the last one: nothing is left then, though every gateway works."]),
            ])),
        Claim(
            "This is specific to NodePort, whose traffic goes to nodes.",
            .measured([
                ClaimMeasurement(
                    "practices/not-ready",
                    [
                        ClaimFigure(
                            "both NotReady and working, lost", .lost("stop"), ["count": "2"], via: ["LoadBalancer"])
                    ], [.atMost("both NotReady and working, lost", 0.01)],
                    [
                        .confirmed:
                            "As long as open tunnels last: kube-proxy forwards no new ones to a NotReady node's pods, either."
                    ])
            ])),
        Claim(
            "With LoadBalancer it is not needed.",
            .measured([
                ClaimMeasurement(
                    "practices/grace-period-kill",
                    [
                        balanced("1 renewal, NotReady", .detected("kill"), 0),
                        balanced("recovery", .recovery("kill"), 0),
                        balanced("2 renewals, NotReady", .detected("kill"), 1),
                        balanced("2 renewals, recovery", .recovery("kill"), 1),
                        balanced("4 renewals, NotReady", .detected("kill"), 2),
                        balanced("4 renewals, recovery", .recovery("kill"), 2),
                        balanced("6 renewals, NotReady", .detected("kill"), 3),
                        balanced("6 renewals, recovery", .recovery("kill"), 3),
                    ],
                    [
                        .below("recovery", "1 renewal, NotReady", times: 0.9),
                        .below("2 renewals, recovery", "2 renewals, NotReady", times: 0.9),
                        .below("4 renewals, recovery", "4 renewals, NotReady", times: 0.9),
                        .below("6 renewals, recovery", "6 renewals, NotReady", times: 0.9),
                    ],
                    [
                        .depends:
                            "By chance: until NotReady healthy nodes forward to the dead pod as well (externalTrafficPolicy "
                            + "Cluster), so that recovery may have to wait for it; where streams share tunnels, a dial that "
                            + "meets a live gateway ends the loss before.",
                        .refuted:
                            "Until NotReady healthy nodes forward to the dead pod as well (externalTrafficPolicy Cluster).",
                    ])
            ])),
        Claim(
            "How soon a node is NotReady depends on a time-out of the controller manager.",
            .measured([
                ClaimMeasurement(
                    "practices/grace-period-kill",
                    [
                        noticed("NotReady at 1 renewal", 0), noticed("2", 1), noticed("4", 2), noticed("6 renewals", 3),
                    ],
                    [
                        .below("NotReady at 1 renewal", "2", times: 1), .below("2", "4", times: 1),
                        .below("4", "6 renewals", times: 1),
                    ])
            ])),
        untestable(
            "It is 40 s by default.", rules: ["node-grace-period-changed"],
            why: "a constant of Kubernetes. The page is out of date: it is 50 s from Kubernetes 1.32"),
        Claim(
            "A flag of the controller manager changes it.",
            .measured([
                ClaimMeasurement(
                    "practices/grace-period-kill", [ClaimFigure("flag set", .outcome("period"))],
                    [.ends("flag set", "finished")])
            ])),
        Claim(
            "A shorter value detects failures sooner.",
            .measured([
                ClaimMeasurement(
                    "practices/grace-period-kill",
                    [noticed("NotReady at 1 renewal", 0), noticed("6 renewals", 3)],
                    [.below("NotReady at 1 renewal", "6 renewals", times: 0.8)])
            ])),
        Claim(
            "Shorter values give false positives in brief blips.", rules: ["node-grace-period-below-renewal"],
            .measured([
                ClaimMeasurement(
                    "practices/grace-period-blip",
                    [
                        blip("NotReady at 0.5 renewals, blip of 0.3", 0, 0), blip("1 renewal, blip of 3", 1, 2),
                        blip("2 renewals, blip of 0.3", 2, 0), blip("2 renewals, blip of 1", 2, 1),
                        blip("2 renewals, blip of 3", 2, 2),
                    ],
                    [
                        .atLeast("NotReady at 0.5 renewals, blip of 0.3", 1), .atLeast("1 renewal, blip of 3", 1),
                        .atLeast("2 renewals, blip of 3", 1),
                    ], [.confirmed: "Below one renewal healthy nodes turn NotReady by turns, without any blip."])
            ])),
        Claim(
            "A longer one tolerates blips and delays the exclusion of failed nodes.",
            .measured([
                ClaimMeasurement(
                    "practices/grace-period-blip",
                    [
                        blip("NotReady at 4 renewals, blip of 1", 3, 1), blip("4 renewals, blip of 3", 3, 2),
                        blip("6 renewals, blip of 3", 4, 2),
                    ],
                    [.atMost("NotReady at 4 renewals, blip of 1", 0), .atMost("6 renewals, blip of 3", 0)]),
                ClaimMeasurement(
                    "practices/grace-period-kill",
                    [noticed("NotReady at 1 renewal", 0), noticed("6 renewals", 3)],
                    [.below("NotReady at 1 renewal", "6 renewals", times: 0.8)]),
            ])),
    ]
}
