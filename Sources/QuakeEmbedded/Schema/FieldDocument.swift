/// The section of docs/fidelity.md that says which fields do what, out of ``FieldTable``.
package enum FieldDocument {
    /// Kinds whose objects the model acts on.
    private static let kinds = [
        "Pod", "Deployment", "ReplicaSet", "DaemonSet", "Service", "PodDisruptionBudget", "Node", "Namespace",
        "ConfigMap",
        "Secret", "EndpointSlice", "NodePool", "NodeClaim", "Gateway", "GatewayClass", "HorizontalPodAutoscaler",
    ]

    /// One row a type that a modelled field leads to.
    package static var text: String {
        var lines = [
            "| type | modelled | with an effect that is not modelled | harmless here |", "|---|---|---|---|",
        ]
        for type in types {
            let columns = [FieldEffect.modelled, .notModelled, .harmless].map { names(of: type, $0) }
            lines.append("| \(type) | \(columns.joined(separator: " | ")) |")
        }
        return lines.joined(separator: "\n")
    }

    private static var types: [String] {
        var found: [String] = []
        var next = kinds
        while !next.isEmpty {
            let type = next.removeFirst()
            guard !found.contains(type), let fields = FieldTable.types[type] else { continue }
            found.append(type)
            for (_, field) in fields.sorted(by: { $0.key < $1.key }) where field.effect == .modelled {
                if let inner = named(field.shape) { next.append(inner) }
            }
        }
        return found
    }

    private static func named(_ shape: FieldShape) -> String? {
        switch shape {
        case .named(let type): type
        case .list(let inner), .map(let inner): named(inner)
        default: nil
        }
    }

    private static func names(of type: String, _ effect: FieldEffect) -> String {
        (FieldTable.types[type] ?? [:]).filter { $0.value.effect == effect }.sorted { $0.key < $1.key }
            .map { name, field in field.usual.map { "\(name) (other than \($0))" } ?? name }.joined(separator: ", ")
    }
}
