/// The reference's sections on conditions, selectors of nodes and expectations, as Markdown. Keys and words come from what
/// the parser reads; see the tests.
package enum PlanReferenceExpectations {
    /// Sections of the second level, one after another, ending in a newline.
    package static func markdown(expectations: ExpectationRegistry = .standard) -> String {
        [conditions, selectors, expectationSection(expectations)].joined(separator: "\n")
    }

    /// A key or word of the plan with its meaning, for a table.
    struct Row: Equatable {
        var key: String
        var values: String
        var meaning: String
        /// As a plan may have it: `until`, `wait-for` or `nodes` with this key, or `when`.
        var example: String

        init(_ key: String, _ values: String, _ meaning: String, example: String) {
            self.key = key
            self.values = values
            self.meaning = meaning
            self.example = example
        }
    }

    // MARK: - Conditions

    static let conditionRows = [
        Row(
            "node", words(Condition.NodeState.self), "every node of the step is in this state; `Gone`: it is deleted",
            example: "until: {node: NotReady, within: 90s}"),
        Row(
            "pods", "`{hosting: …, ready: N}` or `{hosting: …, pending: N}`",
            "this number of pods of the workload is ready, or pending",
            example: "until: {pods: {hosting: gateway, ready: 2}, within: 2m}"),
        Row(
            "endpoints", "`{hosting: …, ready: N}`",
            "the workload's EndpointSlices have this number of ready endpoints",
            example: "until: {endpoints: {hosting: gateway, ready: 1}, within: 30s}"),
        Row(
            "drain", words(Condition.DrainState.self),
            "the drain has ended, or a PodDisruptionBudget holds it (only of a step that drains nodes)",
            example: "until: {drain: blocked, within: 2m}"),
        Row(
            "rollout", words(Condition.RolloutState.self),
            "the rollouts that the step caused are complete, as `kubectl rollout status` says it (only in the `until` of a "
                + "step that rolls workloads out)", example: "until: {rollout: complete, within: 5m}"),
        Row(
            "within", "a duration", "how long the condition is waited for; required",
            example: "wait-for: {cluster: west, nodes: {role: worker}, node: Ready, within: 2m}"),
    ]

    private static let conditions = """
        ## Conditions

        `until` proves that a step has had its effect. `wait-for` is a step that waits for one condition. Both take exactly
        one of these keys, and `within`. A condition that is not met in time ends the run with exit code 4; but a step that
        rolls workloads out ends as `stalled` where a rollout that it caused is not complete by then. For a workload whose pods
        the step replaces, `pods` with `ready` and `endpoints` count the pods of the new revision.

        \(table("key", conditionRows))
        ```yaml
        until: {node: NotReady, within: 90s}
        ```

        """

    // MARK: - Selectors

    static let selectorRows = [
        Row("names", "a list", "nodes of these names", example: "nodes: {names: [west-worker, west-worker2]}"),
        Row(
            "labels", "a mapping", "nodes that have all these labels",
            example: "nodes: {labels: {kubernetes.io/os: linux}}"),
        Row("role", "`control-plane`, `worker`", "nodes of this role", example: "nodes: {role: worker}"),
        Row(
            "zone", "a text", "nodes whose label `topology.kubernetes.io/zone` has this value",
            example: "nodes: {zone: zone-a}"),
        Row(
            "nodePool", "a text", "nodes whose label `karpenter.sh/nodepool` has this value",
            example: "nodes: {nodePool: pool-a}"),
        Row(
            "hosting", hostings, "nodes that run a pod of this workload",
            example: "nodes: {hosting: demo/deployment/echo}"),
        Row(
            "carrying", "the name of a traffic to this cluster",
            "the node whose gateway carries the traffic's newest tunnel when the step begins, by the dials that the mesh "
                + "records; an error where it records none, or has recorded none yet",
            example: "nodes: {carrying: echo}"),
        Row(
            "dialled", "`true`, `false`",
            "nodes that clients dial themselves when the step begins, or do not, by what the mesh reports about its clients' "
                + "targets; refused where no client peers with the cluster via NodePort",
            example: "nodes: {hosting: gateway, dialled: false, count: 1}"),
        Row(
            "exclude", "a list", "removes nodes of these names",
            example: "nodes: {role: worker, exclude: [west-worker3]}"),
        Row(
            "count", "a number from 1", "how many of the rest, chosen by the plan's seed; all of them without it",
            example: "nodes: {hosting: gateway, count: 1}"),
    ]

    private static let hostings =
        "`gateway`, `istiod`, `backend`, or `NAMESPACE/KIND/NAME` where the kind is "
        + Hosting.kinds.map { "`\($0)`" }.joined(separator: ", ")

    private static let selectors = """
        ## Selectors of nodes

        `nodes` selects nodes of the step's `cluster`. Every key given must match; then `exclude` removes nodes, and `count`
        picks from the rest. A selection of no node is an error. `step: ID` takes the nodes of an earlier step instead.

        \(table("key", selectorRows))
        ```yaml
        nodes: {hosting: gateway, exclude: [west-worker3], count: 1}
        nodes: {carrying: echo}
        nodes: {dialled: true, count: 1}
        ```

        """

    // MARK: - Expectations

    static let whenRows = [
        Row("step", "the id of a step", "only the faults of this step", example: "when: {step: kill}"),
        Row("traffic", "the name of a traffic", "only the lanes of this traffic", example: "when: {traffic: echo}"),
        Row(
            "connections", words(ConnectionMode.self), "only the lanes of this connection mode",
            example: "when: {connections: pooled}"),
        Row("mesh", wordsOf(.mesh), "only runs on this mesh", example: "when: {mesh: standin}"),
        Row(
            "tunnels", wordsOf(.tunnels),
            "only runs on a mesh whose streams share tunnels, or whose streams have one each",
            example: "when: {tunnels: shared}"),
        Row(
            "a key of the matrix", "one of its values", "only the trials of this value",
            example: "when: {peering: NodePort}"),
    ]

    private static func wordsOf(_ word: FactWord) -> String {
        word.values.map { "`\($0)`" }.joined(separator: ", ")
    }

    private static func expectationSection(_ registry: ExpectationRegistry) -> String {
        let kinds = registry.declarations.map { "\n" + section(key: $0.key, $0.help) }.joined()
        return """
            ## Expectations

            An element of `expect` has exactly one of the keys below, and may have `when`. It must hold for every lane, trial
            and repeat that `when` selects: the worst one decides. It is inconclusive where suspect slots or a censored value
            leave the answer open.

            \(table("key of `when`", whenRows))\(kinds)
            """
    }

    private static func section(key: String, _ help: ExpectationHelp) -> String {
        let rows = help.values.map { "| \(cell($0.value)) | \(cell($0.meaning)) |\n" }.joined()
        let limits = help.limits.map { "- \($0)\n" }.joined()
        return """
            ### \(key)

            \(help.summary)

            | value | meaning |
            |---|---|
            \(rows)
            \(limits.isEmpty ? "" : limits + "\n")```yaml
            - \(help.example)
            ```

            """
    }

    // MARK: - Tables

    private static func table(_ head: String, _ rows: [Row]) -> String {
        let lines = rows.map { row in
            let key = row.key.contains(" ") ? row.key : "`\(row.key)`"
            return "| \(key) | `\(cell(row.example))` | \(cell(row.values)) | \(cell(row.meaning)) |\n"
        }
        return "| \(head) | example | values | meaning |\n|---|---|---|---|\n" + lines.joined()
    }

    private static func cell(_ text: String) -> String { text.replacing("|", with: "\\|") }

    private static func words<Word: RawRepresentable & CaseIterable>(_ type: Word.Type) -> String
    where Word.RawValue == String {
        Word.allCases.map { "`\($0.rawValue)`" }.joined(separator: ", ")
    }
}
