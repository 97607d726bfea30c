import QuakeDecoding
import QuakeKube
import QuakeSim

extension Validation {
    // MARK: - Deployments and ReplicaSets

    static func deployment(_ spec: JSONValue, _ problems: inout FieldProblems) {
        problems.nonNegative("spec.replicas", spec["replicas"])
        selectorAndTemplate(spec, &problems)
        strategy(spec["strategy"] ?? [:], &problems)
        for field in ["minReadySeconds", "revisionHistoryLimit", "progressDeadlineSeconds"] {
            problems.nonNegative("spec.\(field)", spec[field])
        }
        let deadline = spec["progressDeadlineSeconds"]
        if let seconds = deadline?.intValue, seconds <= spec["minReadySeconds"]?.intValue ?? 0 {
            problems.invalid("spec.progressDeadlineSeconds", deadline, "must be greater than minReadySeconds")
        }
    }

    static func replicaSet(_ spec: JSONValue, _ problems: inout FieldProblems) {
        problems.nonNegative("spec.replicas", spec["replicas"])
        problems.nonNegative("spec.minReadySeconds", spec["minReadySeconds"])
        selectorAndTemplate(spec, &problems)
    }

    /// The messages speak of a Deployment for ReplicaSets too.
    private static func selectorAndTemplate(_ spec: JSONValue, _ problems: inout FieldProblems) {
        let selector = spec["selector"]
        if let selector {
            labelSelector(selector, "spec.selector", &problems)
            if isEmpty(selector) {
                problems.invalid("spec.selector", selector, "empty selector is invalid for deployment")
            }
        } else {
            problems.required("spec.selector")
        }
        guard isReadable(selector) else {
            problems.invalid("spec.selector", selector, "invalid label selector")
            return
        }
        let template = spec["template"] ?? [:]
        if selector.map({ !isEmpty($0) }) ?? true { matching(selector, template, &problems) }
        podTemplate(template, "spec.template", &problems)
        runsForEver(template, "ReplicaSet", &problems)
    }

    private static func isEmpty(_ selector: JSONValue) -> Bool {
        (selector["matchLabels"]?.objectValue ?? [:]).isEmpty
            && (selector["matchExpressions"]?.arrayValue ?? []).isEmpty
    }

    /// A selector that is not there selects nothing.
    private static func matching(_ selector: JSONValue?, _ template: JSONValue, _ problems: inout FieldProblems) {
        let labels = template.metadata["labels"]
        let reads = selector.map { LabelSelector(json: $0) } ?? .nothing
        if !reads.matches(labels?.stringMembers ?? [:]) {
            problems.invalid(
                "spec.template.metadata.labels", labels, "`selector` does not match template `labels`")
        }
    }

    private static func runsForEver(_ template: JSONValue, _ owner: String, _ problems: inout FieldProblems) {
        let policy = template[path: "spec.restartPolicy"]
        if policy?.stringValue != "Always" {
            problems.notSupported("spec.template.spec.restartPolicy", policy, ["Always"])
        }
        if template[path: "spec.activeDeadlineSeconds"] != nil {
            problems.forbidden(
                "spec.template.spec.activeDeadlineSeconds", "activeDeadlineSeconds in \(owner) is not Supported")
        }
    }

    private static func strategy(_ strategy: JSONValue, _ problems: inout FieldProblems) {
        let rolling = strategy["rollingUpdate"]
        switch strategy["type"]?.stringValue {
        case "Recreate":
            guard rolling != nil else { return }
            problems.forbidden(
                "spec.strategy.rollingUpdate", "may not be specified when strategy `type` is 'Recreate'")
        case "RollingUpdate":
            let path = "spec.strategy.rollingUpdate"
            let surge = rolling?["maxSurge"] ?? 0
            let unavailable = rolling?["maxUnavailable"] ?? 0
            amount("\(path).maxUnavailable", unavailable, &problems)
            amount("\(path).maxSurge", surge, &problems)
            if isZero(unavailable), isZero(surge) {
                problems.invalid("\(path).maxUnavailable", unavailable, "may not be 0 when `maxSurge` is 0")
            }
            atMostAll("\(path).maxUnavailable", unavailable, &problems)
        default:
            problems.notSupported(
                "spec.strategy", goStrategy(strategy), ["Recreate", "RollingUpdate"])
        }
    }

    private static func goStrategy(_ strategy: JSONValue) -> JSONValue {
        // The server prints its own struct.
        .object(["Type": strategy["type"] ?? "", "RollingUpdate": .null])
    }

    // MARK: - DaemonSets

    static func daemonSet(_ spec: JSONValue, _ problems: inout FieldProblems) {
        let selector = spec["selector"]
        let template = spec["template"] ?? [:]
        labelSelector(selector, "spec.selector", &problems)
        if isReadable(selector) { matching(selector, template, &problems) }
        if let selector, isEmpty(selector) {
            problems.invalid("spec.selector", selector, "empty selector is invalid for daemonset")
        }
        podTemplate(template, "spec.template", &problems)
        runsForEver(template, "DaemonSet", &problems)
        problems.nonNegative("spec.minReadySeconds", spec["minReadySeconds"])
        update(spec["updateStrategy"] ?? [:], &problems)
        problems.nonNegative("spec.revisionHistoryLimit", spec["revisionHistoryLimit"])
    }

    private static func update(_ strategy: JSONValue, _ problems: inout FieldProblems) {
        switch strategy["type"]?.stringValue {
        case "OnDelete": return
        case "RollingUpdate": break
        default:
            return problems.notSupported(
                "spec.updateStrategy", goStrategy(strategy), ["RollingUpdate", "OnDelete"])
        }
        let path = "spec.updateStrategy.rollingUpdate"
        let surge = strategy[path: "rollingUpdate.maxSurge"] ?? 0
        let unavailable = strategy[path: "rollingUpdate.maxUnavailable"] ?? 0
        amount("\(path).maxUnavailable", unavailable, &problems)
        amount("\(path).maxSurge", surge, &problems)
        atMostAll("\(path).maxUnavailable", unavailable, &problems)
        atMostAll("\(path).maxSurge", surge, &problems)
        switch (isZero(unavailable), isZero(surge)) {
        case (false, false):
            problems.invalid("\(path).maxSurge", surge, "may not be set when maxUnavailable is non-zero")
        case (true, true): problems.required("\(path).maxUnavailable", "cannot be 0 when maxSurge is 0")
        default: break
        }
    }

    // MARK: - Budgets

    static func budget(_ spec: JSONValue, _ problems: inout FieldProblems) {
        let least = spec["minAvailable"], most = spec["maxUnavailable"]
        if least != nil, most != nil {
            let shown: JSONValue = [
                "MinAvailable": least ?? .null, "Selector": spec["selector"] ?? .null, "MaxUnavailable": most ?? .null,
                "UnhealthyPodEvictionPolicy": spec["unhealthyPodEvictionPolicy"] ?? .null,
            ]
            problems.invalid("spec", shown, "minAvailable and maxUnavailable cannot be both set")
        }
        for (name, value) in [("minAvailable", least), ("maxUnavailable", most)] {
            guard let value else { continue }
            amount("spec.\(name)", value, &problems)
            atMostAll("spec.\(name)", value, &problems)
        }
        labelSelector(spec["selector"], "spec.selector", &problems)
        if let policy = spec["unhealthyPodEvictionPolicy"] {
            problems.oneOf("spec.unhealthyPodEvictionPolicy", policy, ["AlwaysAllow", "IfHealthyBudget"])
        }
    }

    // MARK: - Amounts

    /// A whole number that is not negative, or a percentage.
    private static func amount(_ path: String, _ value: JSONValue, _ problems: inout FieldProblems) {
        guard let text = value.stringValue else { return problems.nonNegative(path, value) }
        if text.wholeMatch(of: /[0-9]+%/) == nil { problems.invalid(path, value, Names.percent) }
    }

    private static func atMostAll(_ path: String, _ value: JSONValue, _ problems: inout FieldProblems) {
        if case .percent(let share)? = percentage(value), share > 100 {
            problems.invalid(path, value, "must not be greater than 100%")
        }
    }

    private static func percentage(_ value: JSONValue) -> Amount? {
        guard let text = value.stringValue, text.wholeMatch(of: /[0-9]+%/) != nil else { return nil }
        return Int(text.dropLast()).map { .percent($0) }
    }

    /// What is no amount counts as nothing.
    private static func isZero(_ value: JSONValue) -> Bool {
        if let number = value.intValue { return number == 0 }
        guard case .percent(let share)? = percentage(value) else { return true }
        return share == 0
    }
}
