import QuakeBase

/// The names and values that Kubernetes takes for labels.
enum LabelNames {
    /// What is wrong with a key; `nil` where it is one: `prefix/name`, or a name.
    static func keyProblem(_ key: String) -> String? {
        let parts = key.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count <= 2, let name = parts.last else { return "a key is a name, or prefix/name" }
        if parts.count == 2, !isSubdomain(parts[0]) {
            return "the prefix \"\(parts[0])\" is not a DNS name of small letters, digits, dashes and dots"
        }
        guard !name.isEmpty else { return "the name is empty" }
        return partProblem(name)
    }

    /// What is wrong with a value; `nil` where it is one.
    static func valueProblem(_ value: String) -> String? { value.isEmpty ? nil : partProblem(value[...]) }

    private static func partProblem(_ part: Substring) -> String? {
        guard part.utf8.count <= 63 else { return "\"\(part)\" is longer than 63 characters" }
        let isWhole = part.allSatisfy { isAlphanumeric($0) || "-_.".contains($0) }
        guard isWhole, let first = part.first, let last = part.last, isAlphanumeric(first), isAlphanumeric(last) else {
            return "\"\(part)\" has others than letters, digits, -, _ and ., or begins or ends with one of the latter"
        }
        return nil
    }

    /// A DNS subdomain of RFC 1123, as names of nodes are.
    static func isSubdomain(_ text: some StringProtocol) -> Bool {
        guard (1...253).contains(text.utf8.count) else { return false }
        return text.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { part in
            guard let first = part.first, let last = part.last, isSmall(first), isSmall(last) else { return false }
            return part.allSatisfy { isSmall($0) || $0 == "-" }
        }
    }

    private static func isSmall(_ character: Character) -> Bool {
        character.isASCIIDigit || ("a"..."z").contains(character)
    }

    private static func isAlphanumeric(_ character: Character) -> Bool {
        isSmall(character) || ("A"..."Z").contains(character)
    }
}

/// The labels that a kubelet may give its own node (staging/src/k8s.io/kubelet/pkg/apis/well_known_labels.go).
enum KubeletLabels {
    private static let allowed: Set<String> = [
        WellKnown.hostname, WellKnown.operatingSystem, WellKnown.architecture, WellKnown.instanceType,
        WellKnown.zone, WellKnown.region, WellKnown.oldOperatingSystem, WellKnown.oldArchitecture,
        WellKnown.oldInstanceType, WellKnown.oldZone, WellKnown.oldRegion,
    ]
    private static let namespaces = ["kubelet.kubernetes.io", "node.kubernetes.io"]

    /// What the kubelet refuses of a label in `--node-labels`; `nil` where it takes it.
    static func problem(_ key: String, _ value: String) -> String? {
        if let problem = LabelNames.keyProblem(key) { return "the label key \"\(key)\": \(problem)" }
        if let problem = LabelNames.valueProblem(value) { return "the value of the label \(key): \(problem)" }
        guard let slash = key.firstIndex(of: "/") else { return nil }
        let space = key[..<slash]
        func isIn(_ domain: String) -> Bool { space == domain || space.hasSuffix(".\(domain)") }
        guard isIn("kubernetes.io") || isIn("k8s.io"), !allowed.contains(key), !namespaces.contains(where: isIn) else {
            return nil
        }
        return "the label \(key): a kubelet gives its node no label of kubernetes.io or k8s.io but those of "
            + "node.kubernetes.io and kubelet.kubernetes.io, and topology.kubernetes.io/zone and /region, "
            + "kubernetes.io/hostname, os and arch with their predecessors"
    }

    /// The labels that a text of `--node-labels` gives, where a key alone has an empty value, and what the kubelet refuses.
    static func read(_ text: String) -> (labels: [(String, String)], problems: [String]) {
        let labels = text.split(separator: ",").map { part -> (String, String) in
            let sides = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            return (sides[0].trimmed, sides.count == 2 ? sides[1].trimmed : "")
        }
        return (labels, labels.compactMap { problem($0.0, $0.1) })
    }
}

/// Taints as `--register-with-taints` has them: `key=value:Effect`, separated by commas (pkg/util/taints/taints.go).
enum Taints {
    private static let effects = ["NoSchedule", "PreferNoSchedule", "NoExecute"]

    static func read(_ text: String) -> (taints: [KindTaint], problem: String?) {
        var taints: [KindTaint] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) where !text.isEmpty {
            let sides = part.split(separator: ":", omittingEmptySubsequences: false)
            guard sides.count == 2 else { return (taints, "\"\(part)\" is not a taint, as key=value:NoSchedule") }
            let pair = sides[0].split(separator: "=", omittingEmptySubsequences: false)
            guard pair.count <= 2, let key = pair.first else {
                return (taints, "\"\(part)\" is not a taint, as key=value:NoSchedule")
            }
            let taint = KindTaint(String(key), pair.count == 2 ? String(pair[1]) : "", effect: String(sides[1]))
            if let problem = problem(taint, among: taints) { return (taints, problem) }
            taints.append(taint)
        }
        return (taints, nil)
    }

    /// What is wrong with a taint beside others.
    static func problem(_ taint: KindTaint, among others: [KindTaint]) -> String? {
        if let problem = LabelNames.keyProblem(taint.key) { return "the taint key \"\(taint.key)\": \(problem)" }
        if let problem = LabelNames.valueProblem(taint.value) {
            return "the value of the taint \(taint.key): \(problem)"
        }
        guard effects.contains(taint.effect) else {
            let seen = taint.effect.isEmpty ? "no effect" : "the effect \"\(taint.effect)\""
            return "the taint \(taint.key) has \(seen); there are \(effects.joined(separator: ", "))"
        }
        guard !others.contains(where: { $0.key == taint.key && $0.effect == taint.effect }) else {
            return "the taint \(taint.key):\(taint.effect) is given twice"
        }
        return nil
    }
}
