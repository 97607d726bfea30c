/// A Pod, read out of its JSON.
package struct PodView: Sendable {
    package var object: JSONValue

    package init(_ object: JSONValue) { self.object = object }

    package var namespace: String { object.namespace }
    package var name: String { object.name }
    package var uid: String { object.uid }
    package var labels: [String: String] { object.labels }
    package var isBeingDeleted: Bool { object.isBeingDeleted }

    /// `nil` while it is not scheduled.
    package var node: String? { object[path: "spec.nodeName"]?.stringValue }
    /// `Pending`, `Running`, `Succeeded`, `Failed` or `Unknown`; `nil` where it has no status yet.
    package var phase: String? { object[path: "status.phase"]?.stringValue }
    package var isReady: Bool { object.condition("Ready") == "True" }
    /// Whether all its containers have ended for good.
    package var isFinished: Bool { phase == "Succeeded" || phase == "Failed" }
    /// `nil` while it has none.
    package var ip: String? { object[path: "status.podIP"]?.stringValue }

    package var owners: [JSONValue] { object.metadata["ownerReferences"]?.arrayValue ?? [] }
    package var tolerations: [JSONValue] { object[path: "spec.tolerations"]?.arrayValue ?? [] }
    package var containers: [JSONValue] { object[path: "spec.containers"]?.arrayValue ?? [] }
    /// One for each container that the kubelet knows.
    package var containerStatuses: [JSONValue] { object[path: "status.containerStatuses"]?.arrayValue ?? [] }
}
