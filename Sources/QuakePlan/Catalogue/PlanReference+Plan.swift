/// Keys of a plan outside its steps and expectations. Defaults are those of the model.
extension PlanReference {
    static var planSections: [Section] {
        [
            Section(title: "The plan", body: "A mapping of these keys.\n\n\(table(planKeys))"),
            Section(
                title: "Traffic",
                body:
                    "Each element of `traffic` is one kind of request that crosses from a cluster to another, as one lane for "
                    + "each connection mode.\n\n\(table(trafficKeys))"),
            Section(
                title: "Hypothesis and abort",
                body:
                    "`hypothesis` is what must hold before the first step and again after healing.\n\n\(table(hypothesisKeys))\n\n"
                    + "`abort` ends a run early.\n\n\(table(abortKeys))"),
        ]
    }

    private static let cell = Cell(traffic: [], steps: [])
    private static let request = Traffic(name: "", url: "", from: "", to: "")
    private static let asItIs = PlanKey.Need.optional(otherwise: "as the clusters have it")

    private static func optional(_ length: Duration) -> PlanKey.Need { .optional(otherwise: Quantity.text(length)) }

    static let planKeys = [
        PlanKey("kind", .word(["Plan"]), .required, "What the file is."),
        PlanKey("apiVersion", .word(["peerquake.dev/v1"]), .required, "The format's version."),
        PlanKey(
            "name", .described("name", limits: "lower-case letters, digits and hyphens"), .required,
            "The plan's own name.",
            example: "gateway-node-drain"),
        PlanKey(
            "description", .text, .optional(otherwise: "empty"), "One or two sentences for reports.",
            example: "Drain one gateway's node."),
        PlanKey(
            "clusters", .texts, .required,
            "Names of the clusters that the plan may touch; `--cluster` binds them to contexts.",
            example: "[east, west]"),
        PlanKey(
            "vars", .described("mapping", limits: "of names to values"), .optional(otherwise: "none"),
            "Values that `${name}` stands for; `--set` replaces them.",
            example: "{hold: 60s}"),
        PlanKey(
            "matrix", .described("mapping", limits: "of settings and variables to lists"),
            .optional(otherwise: "one cell"),
            "Trial settings and variables with several values; every combination is a cell, and is run in each repeat.",
            example: "{peering: [LoadBalancer, NodePort]}"),
        PlanKey("peering", .word(PeeringMethod.allCases.map(\.rawValue)), asItIs, "The peering method of all trials."),
        PlanKey(
            "nodeMonitorGracePeriod", .duration([.positive, .wholeSeconds]), asItIs,
            "After how long without a lease a node is NotReady, in all trials.",
            example: "16s"),
        PlanKey(
            "externalTrafficPolicy", .word(ExternalTrafficPolicy.allCases.map(\.rawValue)), asItIs,
            "The policy of the gateways' Service in all trials."),
        PlanKey(
            "traffic", .described("list", limits: "see Traffic"), .required, "Requests that cross between clusters.",
            example: "[{name: echo, url: \"http://echo.demo.mesh.internal:8080/\", from: east, to: west}]"),
        PlanKey(
            "hypothesis", .described("mapping", limits: "see Hypothesis and abort"),
            .optional(otherwise: "its defaults"),
            "What must hold before the first step and again after healing.",
            example: "{baseline: 20s, availability: 99%}"),
        PlanKey(
            "steps", .described("list", limits: "see Steps"), .required, "What is done, one step after another.",
            example: "[{drain: {cluster: west, nodes: {hosting: gateway}}}]"),
        PlanKey(
            "repeat", .number(PlanOptions.possibleRepeats), .optional(otherwise: "1"),
            "How often each cell is run; `--repeat` replaces it.",
            example: "10"),
        PlanKey(
            "seed", .described("number", limits: "from 0"), .optional(otherwise: "1"),
            "Seeds every random choice; `--seed` replaces it.",
            example: "7"),
        PlanKey(
            "settle", .duration(.positive), optional(cell.settle),
            "How long slots must be good after the last bad one before a fault counts as recovered.",
            example: "5s"),
        PlanKey(
            "abort", .described("mapping", limits: "see Hypothesis and abort"), .optional(otherwise: "never"),
            "Ends a run early.",
            example: "{outage: 1m}"),
        PlanKey(
            "always", .described("list", limits: "of actions that are not faults"),
            .optional(otherwise: "`[restore-all]`"),
            "What is done after the steps, however they ended.",
            example: "[restore-all]"),
        PlanKey(
            "restoreWithin", .duration(.positive), optional(cell.restoreWithin),
            "Killed nodes are restored this long after their fault even if the runner is gone.",
            example: "5m"),
        PlanKey(
            "expect", .described("list", limits: "of expectations"), .optional(otherwise: "nothing"),
            "What must hold; the worst lane, trial and repeat decides.",
            example: "[{availability: \">= 99%\"}]"),
    ]

    static let trafficKeys = [
        PlanKey(
            "name", .described("name", limits: "unique"), .required, "What reports and expectations call it.",
            example: "echo"),
        PlanKey(
            "url", .described("URL", limits: "http or https"), .required,
            "Its host is mapped to the peer's balancer, so that it is the same everywhere.",
            example: "\"http://echo.demo.mesh.internal:8080/\""),
        PlanKey(
            "from", .cluster, .required, "The client's cluster.",
            example: "east"),
        PlanKey(
            "to", .cluster, .required, "The server's cluster; an answer by any other one is bad.",
            example: "west"),
        PlanKey(
            "rate", .described("rate", limits: "from 1 in 10 minutes to 100000/s"),
            .optional(otherwise: "\(Int(request.rate))/s"),
            "Requests of each lane: `50/s`, `600/m`.",
            example: "100/s"),
        PlanKey(
            "connections", .described("list of words", limits: "`new`, `pooled`, `stream`, each once"),
            .optional(otherwise: "`[\(request.connections.map(\.rawValue).joined(separator: ", "))]`"),
            "One connection a request, pinned keep-alive ones, or one long-lived connection of numbered messages.",
            example: "[new, pooled, stream]"),
        PlanKey(
            "pooledConnections", .number(1...1000), .optional(otherwise: "\(request.pooledConnections)"),
            "How many connections a pooled lane uses in turn.",
            example: "8"),
        PlanKey(
            "deadline", .duration(.positive), optional(request.deadline),
            "Answered later than this after its due time is bad.",
            example: "500ms"),
        PlanKey(
            "timeout", .duration(.positive), optional(request.timeout),
            "When a request is given up; not below `deadline`.",
            example: "5s"),
        PlanKey(
            "method", .word(["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"]),
            .optional(otherwise: request.method),
            "Of new and pooled lanes; a stream's messages have their own method and body."),
        PlanKey(
            "headers", .described("mapping", limits: "of names to texts"), .optional(otherwise: "none"),
            "Fields of each request.",
            example: "{x-tenant: blue}"),
        PlanKey(
            "body", .text, .optional(otherwise: "none"), "Of new and pooled lanes.",
            example: "hello"),
        PlanKey(
            "expectStatus", .number(200...599), .optional(otherwise: "\(request.expectStatus)"),
            "Any other status is bad.",
            example: "204"),
        PlanKey(
            "caFile", .described("file", limits: "PEM, for an https URL"),
            .optional(otherwise: "the system's authorities"),
            "The authorities that verify an https server.",
            example: "ca.pem"),
        PlanKey("insecure", .flag, .optional(otherwise: "\(request.insecure)"), "An https server is not verified."),
    ]

    static let hypothesisKeys = [
        PlanKey(
            "baseline", .duration(.positive), optional(cell.hypothesis.baseline), "The length of the clean stretch.",
            example: "20s"),
        PlanKey(
            "availability", .described("percentage", limits: "from 0% to 100%"), .optional(otherwise: "100%"),
            "The share of good slots in that stretch.",
            example: "99.9%"),
        PlanKey(
            "within", .duration(.positive), .optional(otherwise: "3 baselines"),
            "How long a clean stretch is waited for; not shorter than it.",
            example: "2m"),
    ]

    static let abortKeys = [
        PlanKey(
            "outage", .duration(.positive), .required, "The longest outage of any lane that the plan tolerates.",
            example: "1m")
    ]
}
