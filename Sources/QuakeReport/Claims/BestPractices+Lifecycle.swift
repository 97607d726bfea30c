extension BestPractices {
    private static func budgetUpgrade(_ name: String, _ budget: String) -> ClaimFigure {
        ClaimFigure(name, .blackout("upgrade"), ["budget": budget])
    }

    static let lifecycle: [Claim] = [
        Claim(
            "Upgrades are lifecycle events of nodes that can make gateways unavailable.",
            .measured([
                ClaimMeasurement(
                    "practices/budget-upgrade", [budgetUpgrade("all workers at once, blackout", "zero")],
                    [.atLeast("all workers at once, blackout", 1)])
            ])),
        Claim(
            "An upgrade cordons a node, drains it, restarts it and uncordons it.",
            .measured([
                ClaimMeasurement(
                    "practices/cordon-alone", [ClaimFigure("cordon alone, lost", .lost("cordon"))],
                    [.atMost("cordon alone, lost", 0.01)]),
                ClaimMeasurement(
                    "practices/restart-without-drain",
                    [
                        ClaimFigure("restart without a drain, lost", .lost("restart")),
                        ClaimFigure("with one", .lost("upgrade")),
                    ], [.below("with one", "restart without a drain, lost", times: 0.5)],
                    [
                        .depends:
                            "What a restart without a drain costs depends on what the next tunnels meet: via NodePort the node "
                            + "stays a target while it is down."
                    ]),
            ])),
        untestable(
            "Node affinity and a PodDisruptionBudget control where gateways run and how many are available.",
            why: "the sum of the rows below"),
    ]

    static let affinity: [Claim] = [
        Claim(
            "Node affinity chooses the nodes that are eligible for gateways.", rules: ["gateway-no-eligible-node"],
            manifests: ["gateway-three-required.yaml"],
            .measured([
                ClaimMeasurement(
                    "practices/too-few-nodes",
                    [
                        ClaimFigure(
                            "three gateways on two eligible of three", .outcome("place"), ["affinity": "required"])
                    ],
                    [.ends("three gateways on two eligible of three", "stalled")])
            ])),
        untestable("It is a filter that includes or excludes nodes.", why: "as the row above"),
        untestable(
            "Control-plane nodes, or nodes in maintenance, can be excluded in this way.",
            rules: ["gateway-on-control-plane", "gateway-on-cordoned-node"], why: "an example of the row above"),
        untestable("Kubernetes documents node affinity.", why: "a reference"),
        untestable(
            "A ConfigMap with the label for the class istio-eastwest changes the gateway's Deployment.",
            rules: ["defaults-no-such-class", "defaults-several"], why: "the stand-in has no GatewayClass"),
        untestable(
            "The affinity is written there as an override of the Deployment's template.",
            rules: ["defaults-unknown-key", "defaults-invalid-patch"], why: "the stand-in has no GatewayClass"),
        untestable("The peering chart takes it as a value, too.", why: "the stand-in is installed without charts"),
        untestable("A command lists the nodes' hostnames.", why: "a command of kubectl"),
        Claim(
            "With more replicas than eligible nodes the excess pods stay Pending.", rules: ["gateway-too-few-nodes"],
            manifests: ["gateway-three-required.yaml", "gateway-three-preferred.yaml"],
            .measured([
                ClaimMeasurement(
                    "practices/too-few-nodes",
                    [
                        ClaimFigure("required anti-affinity", .outcome("place"), ["affinity": "required"]),
                        ClaimFigure("preferred", .outcome("place"), ["affinity": "preferred"]),
                    ], [.ends("required anti-affinity", "stalled"), .ends("preferred", "stalled")],
                    [
                        .depends:
                            "Only with required anti-affinity, of which this sentence says nothing. With preferred they share "
                            + "nodes."
                    ]),
                ClaimMeasurement(
                    "practices/replicas-equal-nodes",
                    [
                        ClaimFigure("as many as nodes, rollout", .outcome("rollout"), ["replicas": "3"]),
                        ClaimFigure("a node to spare, rollout", .outcome("rollout"), ["replicas": "2"]),
                    ],
                    [
                        .ends("as many as nodes, rollout", "finished"), .ends("a node to spare, rollout", "finished"),
                    ],
                    [
                        .depends:
                            "The page's bound is one too high: with as many replicas as eligible nodes a rollout stalls."
                    ]),
            ])),
    ]

    static let budget: [Claim] = [
        Claim(
            "Where several nodes are upgraded, a budget keeps a minimum of gateways available.",
            rules: ["budget-missing"],
            manifests: ["gateway-pdb-one.yaml"],
            .measured([
                ClaimMeasurement(
                    "practices/budget-upgrade",
                    [budgetUpgrade("none, blackout", "zero"), budgetUpgrade("one, blackout", "one")],
                    [.below("one, blackout", "none, blackout", times: 0.5)])
            ])),
        Claim(
            "A budget protects against drains and not against the failure of nodes.",
            .measured([
                ClaimMeasurement(
                    "practices/budget-kill",
                    [
                        ClaimFigure("killed without, lost", .lost("kill"), ["budget": "zero"]),
                        ClaimFigure("with a budget, lost", .lost("kill"), ["budget": "one"]),
                    ], [.atLeast("with a budget, lost", 0.01)],
                    [.confirmed: "The difference of the two is chance, by which tunnels the dead node carried."])
            ])),
        Claim(
            "It blocks drains until the minimum of pods is Ready.", rules: ["budget-blocks-every-drain"],
            manifests: ["gateway-pdb-two.yaml"],
            .measured([
                ClaimMeasurement(
                    "drain-blocked-by-pdb",
                    [
                        ClaimFigure("none to spare", .outcome("refused")),
                        ClaimFigure("one to spare", .outcome("granted")),
                    ], [.ends("none to spare", "blocked"), .ends("one to spare", "finished")])
            ])),
        Claim(
            "So nodes can be upgraded at the same time without gateways becoming unavailable.",
            manifests: ["gateway-pdb-one.yaml"],
            .measured([
                ClaimMeasurement(
                    "practices/budget-upgrade",
                    [budgetUpgrade("one, blackout", "one"), ClaimFigure("lost", .lost("upgrade"), ["budget": "one"])],
                    [.atMost("one, blackout", 0)],
                    [
                        .confirmed:
                            "But not without loss: a worker that has just restarted refuses connections for as long as its "
                            + "kube-proxy does not forward."
                    ])
            ])),
    ]

    private static func expiryBudget(_ name: String, _ budget: String, _ grace: String) -> ClaimFigure {
        ClaimFigure(name, .blackout("expiry"), ["budget": budget, "grace": grace])
    }

    private static let everythingExpires = ClaimTest.measured([
        ClaimMeasurement(
            "practices/expiry-budget", [expiryBudget("all at once, no budget, blackout", "zero", "#0")],
            [.atLeast("all at once, no budget, blackout", 1)])
    ])

    static let expiry: [Claim] = [
        Claim("The expiry of Karpenter's NodePools can make gateways unavailable.", everythingExpires),
        untestable("NodePools say what nodes are made, and under what constraints.", why: "a definition"),
        untestable("expireAfter says when nodes may be removed and replaced.", why: "a definition"),
        Claim(
            "NodePools with equal expireAfter let their nodes expire at the same time.",
            rules: ["nodepool-equal-expiry", "nodeclaims-expire-together"],
            .measured([
                ClaimMeasurement(
                    "practices/expiry-ages",
                    [
                        ClaimFigure("equal values, equal ages, blackout", .blackout("expiry"), ["ages": "together"]),
                        ClaimFigure("other ages, blackout", .blackout("expiry"), ["ages": "staggered"]),
                    ],
                    [.atLeast("equal values, equal ages, blackout", 1), .atLeast("other ages, blackout", 1)],
                    [
                        .depends:
                            "It is the age of the nodes that decides: with equal values, nodes that were made at other times "
                            + "expire at other times."
                    ])
            ])),
        Claim("Pods of expired nodes are Pending until new nodes are there.", everythingExpires),
        Claim("If all gateways' nodes expire at the same time, traffic drops.", everythingExpires),
        Claim("This is so via both methods, because the pods are away.", everythingExpires),
        Claim(
            "Different values of expireAfter prevent it.", rules: ["nodepool-equal-expiry"],
            .measured([
                ClaimMeasurement(
                    "practices/expiry-values",
                    [
                        ClaimFigure("equal values, lost", .lost("pool-*"), ["b": "#0", "c": "#0"]),
                        ClaimFigure("different, lost", .lost("pool-*"), ["b": "#1", "c": "#1"]),
                    ], [.below("different, lost", "equal values, lost", times: 0.5)],
                    [
                        .confirmed:
                            "For nodes of one age. A node expires at its creation plus its own value: different values and "
                            + "ages whose sums coincide expire together, as equal ones do."
                    ])
            ])),
        Claim(
            "In addition a budget keeps a minimum of gateways available throughout.",
            rules: ["nodepool-expiry-without-budget", "nodepool-grace-overrides-budget"],
            manifests: ["gateway-pdb-one.yaml"],
            .measured([
                ClaimMeasurement(
                    "practices/expiry-budget",
                    [
                        expiryBudget("long termination grace, blackout", "one", "#0"),
                        expiryBudget("short", "one", "#1"),
                    ], [.atMost("long termination grace, blackout", 0), .atMost("short", 0)],
                    [
                        .depends:
                            "Not in every case: when the terminationGracePeriod is over, pods are deleted anyway, and "
                            + "via LoadBalancer the gateway that the budget keeps cannot be reached, for Karpenter labels "
                            + "expiring nodes so that load balancers leave them out."
                    ])
            ])),
    ]
}
