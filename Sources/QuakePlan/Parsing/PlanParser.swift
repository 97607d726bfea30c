import QuakeYAML

/// Turns a plan's tree into the model: header, variables and matrix once, the body once for each combination.
struct PlanParser {
    let source: String
    let path: String
    let root: YAMLNode
    let options: PlanOptions
    let attachments: Attachments
    let actions: ActionRegistry
    let expectations: ExpectationRegistry
    /// Of each cell; `nil` while nobody has looked at the clusters.
    let facts: [CellFacts]?
    var log: ProblemLog
    /// Files that the plan names, each once, as far as it has been read.
    private(set) var named: [String] = []
    /// Those of them that it applies.
    private var manifests: [ManifestUse] = []

    /// More combinations than this are taken for a mistake.
    static let mostCells = 1000

    static let keys = [
        "kind", "apiVersion", "name", "description", "clusters", "vars", "matrix", "peering",
        "nodeMonitorGracePeriod", "externalTrafficPolicy", "traffic", "hypothesis", "steps", "repeat", "seed", "settle",
        "abort", "always", "restoreWithin", "expect",
    ]
    static let requiredKeys = ["kind", "apiVersion", "name", "clusters", "traffic", "steps"]

    init(
        source: String, path: String, root: YAMLNode, options: PlanOptions, attachments: Attachments,
        actions: ActionRegistry,
        expectations: ExpectationRegistry, facts: [CellFacts]? = nil
    ) {
        self.source = source
        self.path = path
        self.root = root
        self.options = options
        self.attachments = attachments
        self.actions = actions
        self.expectations = expectations
        self.facts = facts
        log = ProblemLog(file: path)
    }

    mutating func plan() throws(PlanError) -> Plan {
        let plan = readWhatCan()
        guard log.problems.isEmpty else { throw PlanError(problems: log.problems) }
        return plan
    }

    /// The plan, with a default in place of each part that has a problem.
    mutating func readWhatCan() -> Plan {
        var definitions = variables()
        var axes = writtenAxes(definitions)
        apply(options.set, to: &definitions, &axes)
        var header = headerDecoder(definitions, axes)
        evaluate(&axes, with: &header)
        checkFixedSettings(axes, with: &header)
        var plan = self.header(with: &header, definitions, axes)
        log = header.log
        let combinations = Matrix.combinations(axes.map(\.axis))
        if combinations.count > Self.mostCells {
            log.add("matrix: \(combinations.count) combinations; at most \(Self.mostCells)", at: root["matrix"])
        } else {
            for labels in combinations {
                let index = plan.cells.count
                let known = facts.flatMap { $0.indices.contains(index) ? $0[index] : nil }
                plan.cells.append(cell(labels: labels, definitions, axes, clusters: plan.clusters, facts: known))
            }
        }
        checkManifests()
        plan.attachments.files = attachments.files.filter { named.contains($0.key) }
        plan.attachments.isComplete = attachments.isComplete
        return plan
    }

    /// Manifests that the plan applies, each use once.
    private mutating func checkManifests() {
        for use in manifests {
            guard let text = attachments[use.file] else { continue }
            let place = Plan.place(of: use.file, namedIn: path)
            let found = ManifestCheck.problems(of: text, file: place, ownsNamespace: use.ownsNamespace)
            for problem in found { log.add(problem) }
        }
    }

    /// A decoder for what holds for the plan as a whole.
    private mutating func headerDecoder(_ definitions: [Bindings.Definition], _ axes: [RawAxis]) -> PlanDecoder {
        let bindings = Bindings(definitions, varying: Set(axes.map(\.axis.name)), log: &log)
        return PlanDecoder(log: log, bindings: bindings, scope: PlanDecoder.Scope())
    }

    private func header(
        with decoder: inout PlanDecoder, _ definitions: [Bindings.Definition], _ axes: [RawAxis]
    ) -> Plan {
        let top = decoder.fields(root, "plan", keys: Self.keys, required: Self.requiredKeys)
        _ = decoder.word(top?["kind"], "kind", among: ["Plan"])
        _ = decoder.word(top?["apiVersion"], "apiVersion", among: ["peerquake.dev/v1"])
        let repeats =
            decoder.integer(top?["repeat"], "repeat", atLeast: 1, atMost: PlanOptions.possibleRepeats.upperBound) ?? 1
        let seed = decoder.value(top?["seed"], "seed", expected: "a whole number from 0") { UInt64($0) } ?? 1
        if let asked = options.repeats, !PlanOptions.possibleRepeats.contains(asked) {
            let range = PlanOptions.possibleRepeats
            let message = "\(asked) is not from \(range.lowerBound) to \(range.upperBound)"
            decoder.log.add(Problem(file: "--repeat", position: nil, message: message))
        }
        return Plan(
            name: decoder.kebab(top?["name"], "name") ?? "",
            description: decoder.text(top?["description"], "description").map { Quantity.trimmed($0) } ?? "",
            path: path, source: source, clusters: decoder.texts(top?["clusters"], "clusters") ?? [],
            variables: plain(definitions, axes, decoder.bindings), matrix: axes.map(\.axis), cells: [],
            repeats: options.repeats ?? repeats, seed: options.seed ?? seed)
    }

    /// Variables that are no matrix key, resolved where they do not depend on one.
    private func plain(
        _ definitions: [Bindings.Definition], _ axes: [RawAxis], _ bindings: Bindings
    ) -> [Variable] {
        definitions.filter { definition in !axes.contains { $0.axis.name == definition.name } }.map { definition in
            guard case .text(let value) = bindings.values[definition.name] else {
                return Variable(name: definition.name, value: definition.text)
            }
            return Variable(name: definition.name, value: value)
        }
    }

    private mutating func cell(
        labels: [String: String], _ definitions: [Bindings.Definition], _ axes: [RawAxis], clusters: [String],
        facts: CellFacts?
    ) -> Cell {
        let broken = Set(axes.map(\.axis).filter(\.values.isEmpty).map(\.name))
        let bindings = Bindings(definitions, fixed: labels, broken: broken, log: &log)
        var scope = PlanDecoder.Scope()
        scope.path = path
        scope.attachments = attachments
        scope.actions = actions
        scope.expectations = expectations
        scope.clusters = clusters
        scope.axes = axes.map(\.axis)
        scope.checksSelections = options.set.isEmpty
        scope.facts = facts
        var decoder = PlanDecoder(log: log, bindings: bindings, scope: scope)
        let cell = decoder.cell(root, labels: labels)
        log = decoder.log
        for file in decoder.named where !named.contains(file) { named.append(file) }
        for use in decoder.manifests where !manifests.contains(use) { manifests.append(use) }
        return cell
    }
}
