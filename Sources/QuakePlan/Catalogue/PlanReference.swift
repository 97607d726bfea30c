/// docs/plans.md: what may stand in a plan, made from what is declared of it.
package enum PlanReference {
    /// A part of the page.
    package struct Section: Sendable, Equatable {
        /// The heading's text.
        package var title: String
        /// Markdown, without an empty line at its ends.
        package var body: String

        package init(title: String, body: String) {
            self.title = title
            self.body = body
        }
    }

    /// The whole page, ending in a newline.
    package static func text(_ actions: ActionRegistry, _ expectations: ExpectationRegistry = .standard) -> String {
        let parts = sections(actions).map { "## \($0.title)\n\n\($0.body)\n" }
        return "<!-- Made by: peerquake-dev reference -->\n# Plans\n\n\(introduction)\n\n"
            + parts.joined(separator: "\n")
            + "\n" + PlanReferenceExpectations.markdown(expectations: expectations)
    }

    /// In the order of the page.
    package static func sections(_ actions: ActionRegistry) -> [Section] {
        planSections + [
            Section(title: "Steps", body: steps),
            Section(
                title: "Actions", body: actions.actions.map { entry($0.declaration, actions) }.joined(separator: "\n\n")
            ),
            Section(title: "Waits and groups", body: controls(actions)),
            Section(title: "Types of values", body: types),
            Section(title: "Formulas and facts", body: formulas),
            Section(title: "Traits of actions", body: traits),
        ]
    }

    // MARK: - Prose

    /// A plan of every part, which the introduction shows.
    package static let example = """
        kind: Plan
        apiVersion: peerquake.dev/v1
        name: gateway-node-drain
        clusters: [east, west]
        vars: {hold: 60s}
        matrix: {peering: [LoadBalancer, NodePort]}
        traffic:
          - {name: echo, url: "http://echo.demo.mesh.internal:8080/", from: east, to: west, rate: 50/s}
        hypothesis: {baseline: 20s}
        steps:
          - id: drained
            drain: {cluster: west, nodes: {hosting: gateway, count: 1}, timeout: 2m}
            until: {drain: finished, within: 3m}
            hold: ${hold}
          - uncordon: {step: drained}
            hold: 30s
        repeat: 3
        expect:
          - {recovery: "<= 60s", when: {peering: NodePort}}
        """

    private static let introduction = """
        A plan says what traffic crosses between clusters, what is done to them meanwhile, and what must hold. `peerquake
        validate` reports every problem of a plan with its place; `peerquake schema` prints the JSON Schema that editors use;
        `peerquake actions` lists the actions with an example each.

        ```yaml
        \(example)
        ```

        `${name}` stands for a variable of `vars` or a key of the `matrix` anywhere in a value.
        """

    /// Keys of a step beside its action.
    static let stepKeys = [
        PlanKey(
            "id", .described("name", limits: "lower-case letters, digits and hyphens; unique"),
            .optional(otherwise: "the action's name and the step's place, as `drain-2`"),
            "What later steps and expectations call the step.",
            example: "drained"),
        PlanKey(
            "until", .described("mapping", limits: "one condition, and `within`"),
            .optional(otherwise: "nothing is waited for"),
            "Proves that the fault was injected; unmet in time, it ends the run with exit code 4.",
            example: "{node: NotReady, within: 90s}"),
        PlanKey(
            "hold", .duration([]), .optional(otherwise: "0s"),
            "From when `until` is met, else from the action's end, to the next step. It may be a formula.",
            example: "\"${gracePeriod} + 20s\""),
        PlanKey(
            "expectOutage", .flag, .optional(otherwise: "false"),
            "The step may cut all traffic: it may take down the last gateway or the quorum of etcd."),
        PlanKey(
            "phase", .word(Step.Phase.allCases.map(\.rawValue)), .optional(otherwise: Step.Phase.random.rawValue),
            "Whether a seeded random wait precedes a fault of a node's power."),
    ]

    private static let steps = """
        A step is a mapping with exactly one action as a key, and these other keys. `restore-all` may also stand alone, as a
        word. The list `always` has steps of one action and nothing else; its actions run after the steps, however they
        ended, and may heal, wait or measure.

        \(table(stepKeys))
        """

    private static func controls(_ actions: ActionRegistry) -> String {
        let entries = ControlStep.allCases.map { entry($0.declaration, actions) }
        return "The runner does these itself.\n\n" + entries.joined(separator: "\n\n")
    }

    private static let types = """
        | type | form |
        | --- | --- |
        | duration | `90s`, `1m30s`, `250ms`, `2h`, `0`; at most \(Quantity.text(Quantity.longestDuration)) |
        | number | a whole number |
        | flag | `true` or `false` |
        | word | one of the list |
        | name | letters, digits and hyphens |
        | cluster | a name of the plan's `clusters` |
        | step | the `id` of a step before this one |
        | file | a path relative to the plan's folder |
        | workload | `gateway`, `istiod`, `backend`, or `NAMESPACE/KIND/NAME` |
        | node selector | a mapping of `names`, `labels`, `role`, `zone`, `nodePool`, `hosting`, `carrying`, `dialled`, `exclude`, `count`: every criterion \
        must match, then `exclude` removes, then `count` picks by the seed |
        """

    private static var formulas: String {
        """
        A `hold`, and the limit of an expectation about a duration or a number, may be a formula over facts that are known
        before a trial begins: `"<= ${gracePeriod} + ${monitorPeriod} + 3s"`. It joins quantities by `+`, `-`, `*` and `/`, and
        calls \(FormulaFunction.allCases.map { "`\($0.rawValue)`" }.joined(separator: " and ")). Kinds must fit: durations
        are added to durations; a rate times a duration is a number, and a number divided by a rate is a duration; `ceil`
        takes a number. A variable may hold a part of a formula, and counts as if in parentheses.

        | fact | kind | meaning |
        | --- | --- | --- |
        \(Fact.allCases.map { "| `${\($0.rawValue)}` | \($0 == .rate ? "rate" : "duration") | \($0.meaning) |" }
            .joined(separator: "\n"))

        Facts are those of the clusters that the traffic goes to, and `tunnelGiveUp` that of the clusters that it comes from;
        they are read once for each cell of the matrix, before anything is changed, and kept in the archive. `validate`
        shows formulas; `run --dry-run` with clusters, and every report, show their values. A fact that an expectation
        of the cell needs and that cannot be read, or that differs between such clusters, ends the run with exit code 64
        before it begins. A variable of a fact's name wins: `--set gracePeriod=40s` says what cannot be read.
        """
    }

    private static var traits: String {
        "What the rules of plans and the runner know of an action. A trait includes those that follow from it: a disruption is "
            + "a fault, and a fault is a change.\n\n| trait | meaning |\n| --- | --- |\n"
            + ActionTraits.named.map { "| \($0.name) | \($0.meaning) |" }.joined(separator: "\n")
    }

    // MARK: - Entries

    /// One action, from its heading to its example.
    static func entry(_ declaration: ActionDeclaration, _ actions: ActionRegistry) -> String {
        var parts = ["### \(declaration.name)", declaration.summary]
        if !declaration.keys.isEmpty { parts.append(table(declaration.keys)) }
        var facts = ["Inverse: \(declaration.inverse.catalogue)."]
        let healed = actions.faults(healedBy: declaration).map { "`\($0.name)`" }
        if !healed.isEmpty { facts.append("Needs a step of \(healed.joined(separator: " or ")) before it.") }
        let traits = declaration.traits.names
        if !traits.isEmpty { facts.append("Traits: \(traits.joined(separator: ", ")).") }
        parts.append(facts.joined(separator: "\n"))
        parts.append("```yaml\n\(listed(declaration.example))\n```")
        return parts.joined(separator: "\n\n")
    }

    /// A step as an element of a plan's `steps`.
    private static func listed(_ step: String) -> String {
        let lines = step.split(separator: "\n", omittingEmptySubsequences: false)
        return lines.enumerated().map { ($0 == 0 ? "- " : "  ") + $1 }.joined(separator: "\n")
    }

    /// A row for each key, in the order given.
    package static func table(_ keys: [PlanKey]) -> String {
        let rows = keys.map { key in
            let otherwise =
                switch key.need {
                case .required: "**required**"
                case .optional(let words): words
                }
            return
                "| `\(key.name)` | `\(key.example)` | \(key.type.words) | \(otherwise) | \(key.type.limits) | \(key.help) |"
        }
        return "| key | example | type | default | limits | meaning |\n| --- | --- | --- | --- | --- | --- |\n"
            + rows.joined(separator: "\n")
    }
}
