import QuakeBase
package import QuakeKube

/// How many probers a cluster gets, and where.
package enum ProberLayout: Sendable, Equatable {
    /// One on the control-plane node, which plans do not break; more, spread over all nodes.
    case count(Int)
    /// One in each zone that has nodes.
    case perZone

    /// Reads `zones`, or a number from 1 to 50; `nil` for anything else.
    package init?(_ text: String) {
        if text == "zones" {
            self = .perZone
        } else if let count = Int(text), (1...50).contains(count) {
            self = .count(count)
        } else {
            return nil
        }
    }

    /// - Parameter nodes: the cluster's.
    package func replicas(nodes: [JSONValue]) -> Int {
        switch self {
        case .count(let count): count
        case .perZone: max(1, Set(nodes.compactMap { NodeView($0).zone }).count)
        }
    }

    /// On how many of a cluster's nodes they are.
    func spread(over nodes: Int) -> Int {
        if case .count(1) = self { 1 } else { nodes }
    }

    /// Puts the pods of a Deployment's template in their places.
    func place(_ deployment: inout JSONValue, labels: JSONValue) {
        let spread: (key: String, unsatisfiable: JSONValue)
        switch self {
        case .count(1): return
        case .count: spread = (WellKnown.hostname, "ScheduleAnyway")
        case .perZone: spread = (WellKnown.zone, "DoNotSchedule")
        }
        deployment.set(.null, at: "spec", "template", "spec", "affinity")
        deployment.set(
            [
                [
                    "maxSkew": 1, "topologyKey": .string(spread.key), "whenUnsatisfiable": spread.unsatisfiable,
                    "labelSelector": ["matchLabels": labels],
                ]
            ], at: "spec", "template", "spec", "topologySpreadConstraints")
    }
}
