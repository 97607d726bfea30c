import QuakeBase
import QuakeYAML

/// The order in which a matrix is visited.
enum Matrix {
    /// Every combination of the axes' values; one without labels where there is no axis. Axes without a value are left
    /// out. Changing the grace period restarts a control plane, so it varies slowest; then variables, in their order;
    /// peering varies fastest, so that reports pair neighbours.
    static func combinations(_ axes: [MatrixAxis]) -> [[String: String]] {
        let slowest = ["nodeMonitorGracePeriod"]
        let fastest = ["externalTrafficPolicy", "peering"]
        let ordered =
            axes.filter { slowest.contains($0.name) }
            + axes.filter { !slowest.contains($0.name) && !fastest.contains($0.name) }
            + fastest.flatMap { name in axes.filter { $0.name == name } }
        return ordered.filter { !$0.values.isEmpty }.reduce([[:]]) { combinations, axis in
            // A plan with absurdly many is refused by its count; it need not be built first.
            guard combinations.count <= PlanParser.mostCells else { return combinations }
            return combinations.flatMap { labels in
                axis.values.map { labels.merging([axis.name: $0]) { _, new in new } }
            }
        }
    }
}

extension PlanParser {
    static let settings = ["peering", "nodeMonitorGracePeriod", "externalTrafficPolicy"]

    /// An axis with the nodes that its values are read from; `nil` where the command line gives the values.
    struct RawAxis {
        var axis: MatrixAxis
        var node: YAMLNode?
    }

    /// The plan's `vars`, unresolved.
    mutating func variables() -> [Bindings.Definition] {
        guard let node = root["vars"] else { return [] }
        guard let pairs = node.mapping else {
            log.add("vars: a mapping of names to values is expected, and this is a \(node.kindName)", at: node)
            return []
        }
        return pairs.compactMap { pair in
            let name = pair.key.scalar ?? ""
            if !Self.isName(name) {
                log.add("vars: \"\(name)\" is not a name (allowed: letters, digits, - and _)", at: pair.key)
            } else if Self.settings.contains(name) {
                log.add("vars: \"\(name)\" is a trial setting, and cannot be the name of a variable", at: pair.key)
            }
            guard let text = pair.value.scalar, !pair.value.isNull else {
                log.add(
                    "vars.\(name): a single value is expected; several belong into the matrix", at: pair.value)
                return Bindings.Definition(name: name, text: "", node: pair.value)
            }
            return Bindings.Definition(name: name, text: text, node: pair.value)
        }
    }

    private static func isName(_ text: String) -> Bool {
        !text.isEmpty && text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_" || $0 == "-") }
    }

    /// The matrix's keys; values follow once variables are resolved.
    mutating func writtenAxes(_ definitions: [Bindings.Definition]) -> [RawAxis] {
        guard let node = root["matrix"] else { return [] }
        guard let pairs = node.mapping else {
            log.add("matrix: a mapping of keys to lists is expected, and this is a \(node.kindName)", at: node)
            return []
        }
        let allowed = Self.settings + definitions.map(\.name).filter { !Self.settings.contains($0) }
        return pairs.compactMap { pair in
            let name = pair.key.scalar ?? ""
            guard allowed.contains(name) else {
                log.add(
                    "matrix: \"\(name)\" is neither a trial setting nor a variable"
                        + Suggestion.hint(for: name, among: allowed), at: pair.key)
                return nil
            }
            let kind: MatrixAxis.Kind = Self.settings.contains(name) ? .setting : .variable
            return RawAxis(axis: MatrixAxis(name: name, kind: kind, values: []), node: pair.value)
        }
    }

    /// Puts the values of `--set` in place of those written.
    mutating func apply(
        _ set: [(name: String, values: [String])], to definitions: inout [Bindings.Definition], _ axes: inout [RawAxis]
    ) {
        var seen: Set<String> = []
        for (name, values) in set {
            if !seen.insert(name).inserted || Set(values).count < values.count || values.isEmpty {
                let message =
                    "\(name): a name is given twice, or a value, or no value: \(values.joined(separator: ","))"
                log.add(Problem(file: "--set", position: nil, message: message))
                continue
            }
            if let index = axes.firstIndex(where: { $0.axis.name == name }) {
                axes[index] = RawAxis(axis: MatrixAxis(name: name, kind: axes[index].axis.kind, values: values))
            } else if Self.settings.contains(name) {
                axes.append(RawAxis(axis: MatrixAxis(name: name, kind: .setting, values: values)))
            } else if let index = definitions.firstIndex(where: { $0.name == name }) {
                if values.count == 1 {
                    definitions[index] = Bindings.Definition(name: name, text: values[0], node: nil)
                } else {
                    axes.append(RawAxis(axis: MatrixAxis(name: name, kind: .variable, values: values)))
                }
            } else if Fact(rawValue: name) != nil {
                // What cannot be read of the clusters can be said.
                setFact(name, values, in: &definitions, &axes)
            } else {
                let hint = Suggestion.hint(for: name, among: definitions.map(\.name) + Self.settings)
                log.add(Problem(file: "--set", position: nil, message: "unknown variable \"\(name)\"" + hint))
            }
        }
    }

    private func setFact(
        _ name: String, _ values: [String], in definitions: inout [Bindings.Definition], _ axes: inout [RawAxis]
    ) {
        definitions.append(Bindings.Definition(name: name, text: values[0], node: nil))
        guard values.count > 1 else { return }
        axes.append(RawAxis(axis: MatrixAxis(name: name, kind: .variable, values: values)))
    }

    /// Reads the values of every axis, and checks those of trial settings.
    func evaluate(_ axes: inout [RawAxis], with decoder: inout PlanDecoder) {
        for index in axes.indices {
            let name = axes[index].axis.name
            if let node = axes[index].node {
                axes[index].axis.values = decoder.texts(node, "matrix.\(name)") ?? []
                for element in node.sequence ?? [] where axes[index].axis.kind == .setting {
                    decoder.checkSetting(name, element)
                }
            } else if axes[index].axis.kind == .setting {
                for value in axes[index].axis.values where !PlanDecoder.isSetting(name, value) {
                    let hint = PlanDecoder.settingHint(name, value)
                    decoder.log.add(
                        Problem(file: "--set", position: nil, message: "\(name): \"\(value)\" \(hint)"))
                }
            }
        }
    }

    /// A setting for all trials must not be a matrix key too; `--set` makes it one in its place.
    func checkFixedSettings(_ axes: [RawAxis], with decoder: inout PlanDecoder) {
        for name in Self.settings {
            guard let node = root[name] else { continue }
            decoder.checkSetting(name, node)
            if let matrix = root["matrix"]?[name] {
                decoder.report("\(name) is set for all trials and in the matrix (line \(matrix.line)) too", at: node)
            }
        }
    }
}

extension PlanDecoder {
    mutating func checkSetting(_ name: String, _ node: YAMLNode) {
        guard let text = text(node, name), !Self.isSetting(name, text) else { return }
        report("\(name): \(shown(node)) \(Self.settingHint(name, text))", at: node)
    }

    static func isSetting(_ name: String, _ text: String) -> Bool {
        switch name {
        case "peering": PeeringMethod(rawValue: text) != nil
        case "externalTrafficPolicy": ExternalTrafficPolicy(rawValue: text) != nil
        default: Quantity.duration(text).map { $0 > .zero && $0.isWholeSeconds } ?? false
        }
    }

    static func settingHint(_ name: String, _ text: String) -> String {
        switch name {
        case "peering": "is not known" + Suggestion.hint(for: text, among: PeeringMethod.allCases.map(\.rawValue))
        case "externalTrafficPolicy":
            "is not known" + Suggestion.hint(for: text, among: ExternalTrafficPolicy.allCases.map(\.rawValue))
        default: "is not a duration of whole seconds above 0 (allowed: 16s, 1m)"
        }
    }

    /// A trial's settings: the matrix's label, else the plan's own value. Both are checked elsewhere.
    func settings(_ root: YAMLNode, labels: [String: String]) -> TrialSettings {
        var silent = self
        func value(_ name: String) -> String? { labels[name] ?? silent.text(root[name], name) }
        return TrialSettings(
            peering: value("peering").flatMap(PeeringMethod.init(rawValue:)),
            nodeMonitorGracePeriod: value("nodeMonitorGracePeriod").flatMap(Quantity.duration),
            externalTrafficPolicy: value("externalTrafficPolicy").flatMap(ExternalTrafficPolicy.init(rawValue:)))
    }
}
