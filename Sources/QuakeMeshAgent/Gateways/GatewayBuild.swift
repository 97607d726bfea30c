import QuakeBase
package import QuakeKube
import QuakeMesh

/// Why a Gateway's objects cannot be made.
package struct GatewayBuildError: Error, Sendable, Equatable {
    package var words: String
}

/// What istiod makes of a Gateway: the objects of its class, each changed by strategic merge as the ConfigMap of the class
/// says.
///
///     template ─┐
///     Gateway ──┼─ object by object: strategic merge ─► Deployment, Service, ServiceAccount, and where the ConfigMap has
///     ConfigMap ┘                                       their keys PodDisruptionBudget and HorizontalPodAutoscaler
package struct GatewayBuild: Sendable {
    /// A key of the ConfigMap.
    package enum Part: String, Sendable, CaseIterable {
        case serviceAccount, deployment, service, podDisruptionBudget, horizontalPodAutoscaler

        /// Made only where the ConfigMap asks for it.
        package var isOptional: Bool { self == .podDisruptionBudget || self == .horizontalPodAutoscaler }
    }

    package var gateway: JSONValue
    /// The objects of the class, in JSON, by the names of the parts.
    package var template: [String: String]
    /// Of the oldest ConfigMap of the class; empty where there is none.
    package var changes: [String: String]

    package init(gateway: JSONValue, template: [String: String], changes: [String: String]) {
        self.gateway = gateway
        self.template = template
        self.changes = changes
    }

    /// Of several ConfigMaps of a class the oldest counts, and of two of one second the one whose name comes first.
    package static func oldest(_ configMaps: [JSONValue]) -> JSONValue? {
        configMaps.min { first, second in
            func rank(_ object: JSONValue) -> (String, String) {
                (object.metadata["creationTimestamp"]?.stringValue ?? "", object.name)
            }
            return rank(first) < rank(second)
        }
    }

    /// Without what the ConfigMap says; `nil` for a part that the class does not have by itself.
    ///
    /// - Throws: where the template is none.
    package func base(_ part: Part) throws(GatewayBuildError) -> JSONValue? {
        guard !part.isOptional else { return nil }
        guard let text = template[part.rawValue] else { return nil }
        return try Self.object(text, "the template's \(part.rawValue)")
    }

    /// As it shall be; `nil` for one that nobody asks for.
    ///
    /// - Throws: for a key of the ConfigMap that is none of the parts, and for a value that is no object or cannot be merged.
    package func object(_ part: Part) throws(GatewayBuildError) -> JSONValue? {
        for key in changes.keys.sorted() where Part(rawValue: key) == nil {
            let known = Part.allCases.map(\.rawValue).sorted().joined(separator: ", ")
            throw GatewayBuildError(words: "unknown key \"\(key)\" (known: \(known))")
        }
        let change = changes[part.rawValue]
        guard let start = try base(part) ?? (change == nil ? nil : optional(part)) else { return nil }
        guard let change else { return start }
        let patch = try Self.object(change, part.rawValue)
        do throws(MissingMergeKey) {
            var merged = try StrategicMerge.apply(patch, to: start)
            // Whose object it is, no ConfigMap changes.
            for field in ["name", "namespace"] { merged.set(start.metadata[field], at: "metadata", field) }
            for field in ["apiVersion", "kind"] { merged[field] = start[field] }
            return merged
        } catch {
            throw GatewayBuildError(words: "\(part.rawValue): \(error.words)")
        }
    }

    private func optional(_ part: Part) -> JSONValue {
        var object: JSONValue = [
            "metadata": [
                "name": .string(gateway.name), "namespace": .string(gateway.namespace),
                "labels": [
                    WellKnown.gatewayName: .string(gateway.name), WellKnown.gatewayManaged: "istio.io-mesh-controller",
                ],
            ]
        ]
        if part == .podDisruptionBudget {
            object["apiVersion"] = "policy/v1"
            object["kind"] = "PodDisruptionBudget"
            object["spec"] = ["selector": ["matchLabels": [WellKnown.gatewayName: .string(gateway.name)]]]
        } else {
            object["apiVersion"] = "autoscaling/v2"
            object["kind"] = "HorizontalPodAutoscaler"
            object["spec"] = [
                "scaleTargetRef": ["apiVersion": "apps/v1", "kind": "Deployment", "name": .string(gateway.name)]
            ]
        }
        return object
    }

    private static func object(_ text: String, _ what: String) throws(GatewayBuildError) -> JSONValue {
        if text.hasPrefix("{"), let json = try? JSONValue(parsing: text) { return json }
        let objects: [JSONValue]
        do throws(KubeError) {
            objects = try JSONValue.manifests(text, file: what)
        } catch {
            throw GatewayBuildError(words: "\(what): \(error.message)")
        }
        guard objects.count == 1, objects[0].objectValue != nil else {
            throw GatewayBuildError(words: "\(what): one object is expected")
        }
        return objects[0]
    }

    // MARK: - What is to be written

    /// On an object: what was made of it last, where that is another one than the class's own.
    package static let record = "peerquake.dev/gateway-built"

    /// What must be done to an object that is there, as a strategic merge patch; `nil` for nothing.
    ///
    /// Only what this build changes of the last one is touched: what others have written in between stays.
    package func patch(_ part: Part, of live: JSONValue) throws(GatewayBuildError) -> JSONValue? {
        guard let wanted = try object(part) else { return nil }
        let own = try base(part)
        let last: JSONValue?
        if let text = live.annotations[Self.record] {
            last = try Self.object(text, "the annotation \(Self.record) of \(live.kind) \(live.name)")
        } else {
            last = own
        }
        guard let last else { return recorded(wanted, over: [:], own) }
        guard let change = StrategicMerge.patch(from: last, to: wanted) else { return nil }
        return recorded(wanted, over: change, own)
    }

    /// The object as it is made where there is none.
    package func made(_ part: Part) throws(GatewayBuildError) -> JSONValue? {
        guard let wanted = try object(part) else { return nil }
        guard wanted != (try base(part)) else { return wanted }
        return recorded(wanted, over: wanted, try base(part))
    }

    /// With the record of what is made; without one, where it is the class's own.
    private func recorded(_ wanted: JSONValue, over object: JSONValue, _ own: JSONValue?) -> JSONValue {
        var object = object
        object.set(wanted == own ? .null : .string(wanted.text()), at: "metadata", "annotations", Self.record)
        return object
    }
}
