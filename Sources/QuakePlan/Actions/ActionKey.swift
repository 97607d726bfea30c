import QuakeYAML

/// A key of an action's body whose value has a type: declared once, read by ``ActionReader/read(_:)``.
package struct ActionKey<Value: Sendable>: Sendable {
    package let key: PlanKey
    let read: @Sendable (inout PlanDecoder, YAMLNode?, String) -> Value

    init(
        _ name: String, _ type: KeyType, _ need: PlanKey.Need, _ help: String, example: String? = nil,
        read: @escaping @Sendable (inout PlanDecoder, YAMLNode?, String) -> Value
    ) {
        key = PlanKey(name, type, need, help, example: example)
        self.read = read
    }
}

/// Makes keys. One with a `default` reads as that where it is missing; one with `otherwise`, which says in words what holds
/// then, reads as `nil`; a required one is `nil` where it is missing, which is reported.
package enum Key {
    // MARK: - Durations

    /// A key whose value is a duration.
    package static func duration(
        _ name: String, default fallback: Duration, _ limits: DurationLimits = [], help: String
    ) -> ActionKey<Duration> {
        ActionKey(name, .duration(limits), .optional(otherwise: Quantity.text(fallback)), help) {
            decoder, node, what in
            decoder.duration(node, what, limits) ?? fallback
        }
    }

    /// A key whose value is a duration.
    package static func duration(
        _ name: String, otherwise: String, _ limits: DurationLimits = [], help: String
    ) -> ActionKey<Duration?> {
        ActionKey(name, .duration(limits), .optional(otherwise: otherwise), help) { decoder, node, what in
            decoder.duration(node, what, limits)
        }
    }

    /// A key whose value is a duration.
    package static func duration(
        required name: String, _ limits: DurationLimits = [], help: String
    ) -> ActionKey<Duration?> {
        ActionKey(name, .duration(limits), .required, help) { decoder, node, what in
            decoder.duration(node, what, limits)
        }
    }

    // MARK: - Numbers

    /// The largest number where nothing else is said.
    package static let largestNumber = 100_000

    /// A key whose value is a whole number.
    package static func number(
        _ name: String, default fallback: Int, in range: ClosedRange<Int>, help: String
    ) -> ActionKey<Int> {
        ActionKey(name, .number(range), .optional(otherwise: "\(fallback)"), help) { decoder, node, what in
            decoder.integer(node, what, atLeast: range.lowerBound, atMost: range.upperBound) ?? fallback
        }
    }

    /// A key whose value is a whole number.
    package static func number(
        _ name: String, otherwise: String, in range: ClosedRange<Int>, help: String
    ) -> ActionKey<Int?> {
        ActionKey(name, .number(range), .optional(otherwise: otherwise), help) { decoder, node, what in
            decoder.integer(node, what, atLeast: range.lowerBound, atMost: range.upperBound)
        }
    }

    /// A key whose value is a whole number.
    package static func number(required name: String, in range: ClosedRange<Int>, help: String) -> ActionKey<Int?> {
        ActionKey(name, .number(range), .required, help) { decoder, node, what in
            decoder.integer(node, what, atLeast: range.lowerBound, atMost: range.upperBound)
        }
    }

    // MARK: - Words and texts

    /// A key that is `true` or `false`.
    package static func flag(_ name: String, default fallback: Bool, help: String) -> ActionKey<Bool> {
        ActionKey(name, .flag, .optional(otherwise: "\(fallback)"), help) { decoder, node, what in
            decoder.boolean(node, what) ?? fallback
        }
    }

    /// A key whose value is one word of a closed list.
    package static func choice<Choice: RawRepresentable & CaseIterable & Sendable>(
        _ name: String, default fallback: Choice, help: String
    ) -> ActionKey<Choice> where Choice.RawValue == String {
        let words = Choice.allCases.map(\.rawValue)
        return ActionKey(name, .word(words), .optional(otherwise: fallback.rawValue), help) { decoder, node, what in
            decoder.word(node, what, among: words).flatMap { Choice(rawValue: $0) } ?? fallback
        }
    }

    /// A key whose value is any text but the empty one.
    ///
    /// - Parameter example: a value for the documents.
    package static func text(_ name: String, otherwise: String, help: String, example: String? = nil) -> ActionKey<
        String?
    > {
        ActionKey(name, .text, .optional(otherwise: otherwise), help, example: example) { decoder, node, what in
            decoder.text(node, what)
        }
    }

    /// Empty where it is missing.
    package static func texts(required name: String, help: String) -> ActionKey<[String]> {
        ActionKey(name, .texts, .required, help) { decoder, node, what in decoder.texts(node, what) ?? [] }
    }

    /// The path of a manifest as the plan names it. The plan's attachments hold its text, and its problems are the plan's.
    package static func manifest(required name: String, help: String) -> ActionKey<String?> {
        ActionKey(name, .manifest, .required, help) { decoder, node, what in
            guard let node, let file = decoder.file(node, what) else { return nil }
            decoder.manifests.append(ManifestUse(file: file))
            return file
        }
    }
}

/// The body of a step, as an action reads it. Keys that the declaration does not have, and required ones that are missing,
/// are reported before.
package struct ActionReader {
    var decoder: PlanDecoder
    let fields: PlanDecoder.Fields
    let takes: TargetForm
    var facts: StepFacts

    /// The value of a key, or what holds without it. One that cannot be read is reported, and reads as though it were
    /// missing.
    package mutating func read<Value>(_ key: ActionKey<Value>) -> Value {
        key.read(&decoder, fields[key.key.name], key.key.name)
    }

    /// The nodes of ``TargetForm/nodes``.
    package mutating func nodes() -> NodeTargets? { decoder.targets(fields, &facts) }

    /// The cluster of ``TargetForm/cluster``.
    package mutating func cluster() -> String? {
        facts.cluster = decoder.cluster(fields["cluster"], "cluster")
        return facts.cluster
    }

    /// The workload of ``TargetForm/workload(kinds:)``.
    package mutating func workload() -> (cluster: String, hosting: Hosting)? {
        guard case .workload(let kinds) = takes else { return nil }
        let cluster = cluster()
        let hosting = decoder.hosting(fields["hosting"], kinds: kinds)
        guard let cluster, let hosting else { return nil }
        return (cluster, hosting)
    }

    /// The step answers for what goes with a Namespace or a CustomResourceDefinition of the manifest that was read last.
    package mutating func ownManifest() {
        if let last = decoder.manifests.indices.last { decoder.manifests[last].ownsNamespace = true }
    }

    /// Reports a problem at a key, or at the body where the key is missing.
    package mutating func report(_ message: String, at key: PlanKey) {
        decoder.report(message, at: fields.place(of: key.name))
    }

    /// The plan's `settle` time.
    package var settle: Duration { decoder.scope.settle }
    /// Names of the plan's clusters.
    package var clusters: [String] { decoder.scope.clusters }
    /// The plan's traffic.
    package var traffic: [Traffic] { decoder.scope.traffic }

    /// The step measures propagation, and waits so long for each change.
    package mutating func measures(within: Duration) { facts.measuredWithin = within }
}

extension PlanDecoder {
    mutating func duration(_ node: YAMLNode?, _ what: String, _ limits: DurationLimits) -> Duration? {
        let isPositive = limits.contains(.positive)
        return limits.contains(.wholeSeconds)
            ? wholeSeconds(node, what, positive: isPositive) : duration(node, what, positive: isPositive)
    }
}
