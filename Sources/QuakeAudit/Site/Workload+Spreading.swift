import QuakeBase
import QuakeDecoding
import QuakeKube
import QuakeSim

/// One of the rules by which a workload keeps its pods apart.
struct SpreadRule: Sendable, Equatable {
    enum Kind: Sendable {
        case antiAffinity, topologySpread
    }

    var kind: Kind
    /// Of the pod template, as `affinity.podAntiAffinity.…[0]`.
    var field: String
    var topologyKey: String
    /// Nothing runs where it is not met; else it is a preference.
    var isRequired: Bool
    /// It selects the pods of the workload themselves.
    var matchesOwnPods: Bool
    /// Its label selector as written.
    var selector: JSONValue
}

extension Workload {
    private static let path = "spec.template.spec"

    /// Anti-affinity first, required before preferred.
    var spreadRules: [SpreadRule] {
        var counts = (required: 0, preferred: 0)
        let terms = template.antiAffinity.map { term -> SpreadRule in
            let isRequired = term.weight == nil
            let index = isRequired ? counts.required : counts.preferred
            if isRequired { counts.required += 1 } else { counts.preferred += 1 }
            let list = isRequired ? "required" : "preferred"
            let field =
                "\(Self.path).affinity.podAntiAffinity.\(list)DuringSchedulingIgnoredDuringExecution.\(index)"
                + (isRequired ? "" : ".podAffinityTerm")
            let reachesOwnNamespace =
                term.namespaces.isEmpty || term.namespaces.contains(namespace) || term.namespaceSelector != nil
            return SpreadRule(
                kind: .antiAffinity, field: field, topologyKey: term.topologyKey, isRequired: isRequired,
                matchesOwnPods: reachesOwnNamespace && term.selector.matches(labels),
                selector: deployment?[path: "\(field).labelSelector"] ?? .null)
        }
        let constraints = template.placement.spread.enumerated().map { index, constraint in
            let field = "\(Self.path).topologySpreadConstraints.\(index)"
            return SpreadRule(
                kind: .topologySpread, field: field, topologyKey: constraint.topologyKey,
                isRequired: constraint.isRequired, matchesOwnPods: constraint.selector.matches(labels),
                selector: deployment?[path: "\(field).labelSelector"] ?? .null)
        }
        return terms + constraints
    }

    /// Those that keep its pods off each other's nodes or zones at all.
    var effectiveRules: [SpreadRule] { spreadRules.filter(\.matchesOwnPods) }

    /// How many pods the rules let run at once, with the rule that says so: for required anti-affinity one in each domain of
    /// its key. A spread that is required counts where each of its domains is a node; `nil` where nothing limits them.
    func room() throws -> (pods: Int, rule: SpreadRule)? {
        let nodes = try eligible()
        return effectiveRules.filter { rule in
            rule.isRequired && (rule.kind == .antiAffinity || rule.topologyKey == WellKnown.hostname)
        }.map { rule in
            // Where the key is missing, anti-affinity does not hold, and a spread lets nothing run.
            let domains = Set(nodes.compactMap { $0.labels[rule.topologyKey] })
            let without = rule.kind == .antiAffinity ? nodes.count { $0.labels[rule.topologyKey] == nil } : 0
            return (domains.count + without, rule)
        }.min { $0.0 < $1.0 }
    }

    /// Pods that a rollout makes in addition to the replicas, and how many it may do without meanwhile, as the Deployment
    /// says. A Recreate needs no more room than there is.
    var rollout: (surge: Int, unavailable: Int) {
        let strategy = deployment?[path: "spec.strategy"]
        if strategy?["type"] == "Recreate" { return (0, replicas) }
        let rolling = strategy?["rollingUpdate"]
        func amount(_ key: String, roundingUp: Bool) -> Int {
            (Decode.amount(rolling?[key]) ?? .percent(25)).of(replicas, roundingUp: roundingUp)
        }
        let surge = amount("maxSurge", roundingUp: true)
        let unavailable = amount("maxUnavailable", roundingUp: false)
        // Both zero would stop every rollout; the controller then makes one unavailable.
        return (surge, surge == 0 && unavailable == 0 ? 1 : unavailable)
    }
}
