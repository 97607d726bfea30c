/// A pod affinity or anti-affinity term over any topology key.
package struct PodTerm: Sendable, Hashable {
    package var selector: LabelSelector
    package var topologyKey: String
    /// `nil` where required, else the weight of a preference.
    package var weight: Int?
    /// With ``namespaceSelector`` empty or absent: empty for the pod's own namespace.
    package var namespaces: [String]
    /// Namespaces by their labels; an empty selector takes all.
    package var namespaceSelector: LabelSelector?
    /// Labels whose values the selected pods shall share with the pod, and those that they shall not.
    package var matchLabelKeys: [String]
    package var mismatchLabelKeys: [String]

    package init(
        _ selector: LabelSelector, topologyKey: String, weight: Int? = nil, namespaces: [String] = [],
        namespaceSelector: LabelSelector? = nil, matchLabelKeys: [String] = [], mismatchLabelKeys: [String] = []
    ) {
        self.selector = selector
        self.topologyKey = topologyKey
        self.weight = weight
        self.namespaces = namespaces
        self.namespaceSelector = namespaceSelector
        self.matchLabelKeys = matchLabelKeys
        self.mismatchLabelKeys = mismatchLabelKeys
    }

    /// The selector with what a pod's own labels add.
    func selector(for labels: [String: String]) -> LabelSelector {
        selector.sharing(matchLabelKeys, with: labels).sharing(mismatchLabelKeys, with: labels, .notIn)
    }
}

/// One of a pod's `topologySpreadConstraints`.
package struct SpreadConstraint: Sendable, Hashable {
    package var selector: LabelSelector
    package var topologyKey: String
    package var maxSkew: Int
    /// `DoNotSchedule`; else `ScheduleAnyway`, a preference.
    package var isRequired: Bool
    /// With fewer eligible domains, the least filled one counts as empty.
    package var minDomains: Int
    package var honoursAffinity: Bool
    package var honoursTaints: Bool
    package var matchLabelKeys: [String]

    package init(
        _ selector: LabelSelector, topologyKey: String, maxSkew: Int = 1, isRequired: Bool = true,
        minDomains: Int = 1, honoursAffinity: Bool = true, honoursTaints: Bool = false, matchLabelKeys: [String] = []
    ) {
        self.selector = selector
        self.topologyKey = topologyKey
        self.maxSkew = maxSkew
        self.isRequired = isRequired
        self.minDomains = minDomains
        self.honoursAffinity = honoursAffinity
        self.honoursTaints = honoursTaints
        self.matchLabelKeys = matchLabelKeys
    }

    func selector(for labels: [String: String]) -> LabelSelector { selector.sharing(matchLabelKeys, with: labels) }
}

/// A port of the node that a pod takes for itself.
package struct HostPort: Sendable, Hashable {
    package var address: String
    package var `protocol`: String
    package var port: Int

    package init(address: String = "", protocol: String = "TCP", port: Int) {
        self.address = address == "0.0.0.0" ? "" : address
        self.protocol = `protocol`
        self.port = port
    }

    /// No address means all of them.
    func conflicts(with other: HostPort) -> Bool {
        port == other.port && `protocol` == other.protocol
            && (address == other.address || address.isEmpty || other.address.isEmpty)
    }
}

/// A preference for nodes: any that meet all requirements.
package struct NodePreference: Sendable, Hashable {
    package var requirements: [Requirement]
    package var weight: Int

    package init(_ requirements: [Requirement], weight: Int) {
        self.requirements = requirements
        self.weight = weight
    }
}

/// Of a pod's template, the less common of what decides where it may run.
package struct Placement: Sendable, Hashable {
    /// Terms of required and preferred pod affinity.
    package var affinity: [PodTerm] = []
    package var spread: [SpreadConstraint] = []
    package var nodePreferences: [NodePreference] = []
    package var hostPorts: [HostPort] = []
    /// Only nodes of these names (`matchFields`); `nil` for all.
    package var nodeNames: Set<String>?
    /// Scheduling gates hold it back.
    package var isGated = false

    package init() {}

    /// Other pods decide whether it may run somewhere.
    var looksAtPods: Bool { !affinity.isEmpty || !spread.isEmpty }
}

extension LabelSelector {
    func sharing(
        _ keys: [String], with labels: [String: String], _ operator: Requirement.Operator = .isIn
    ) -> LabelSelector {
        var copy = self
        copy.requirements += keys.compactMap { key in labels[key].map { Requirement(key, `operator`, [$0]) } }
        return copy
    }
}
