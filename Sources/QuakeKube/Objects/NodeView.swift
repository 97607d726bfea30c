import QuakeBase

/// A Node, read out of its JSON.
package struct NodeView: Sendable {
    package var object: JSONValue

    package init(_ object: JSONValue) { self.object = object }

    package var name: String { object.name }
    package var uid: String { object.uid }
    package var labels: [String: String] { object.labels }

    /// `status` of the condition Ready: `True`, `False` or `Unknown`; `nil` before the kubelet has reported any.
    package var readiness: String? { object.condition("Ready") }
    package var isReady: Bool { readiness == "True" }
    /// Whether the scheduler is told to leave it out.
    package var isCordoned: Bool { object[path: "spec.unschedulable"]?.boolValue ?? false }
    package var taints: [JSONValue] { object[path: "spec.taints"]?.arrayValue ?? [] }
    /// Keys of ``taints``, in their order.
    package var taintKeys: [String] { taints.compactMap { $0["key"]?.stringValue } }

    /// Each with `type` and `address`.
    package var addresses: [JSONValue] { object[path: "status.addresses"]?.arrayValue ?? [] }
    /// The first address of type InternalIP.
    package var internalIP: String? {
        addresses.first { $0["type"]?.stringValue == "InternalIP" }?["address"]?.stringValue
    }

    /// `status.nodeInfo`; `.null` before the kubelet has reported it.
    package var info: JSONValue { object[path: "status.nodeInfo"] ?? .null }
    package var kubeletVersion: String? { info["kubeletVersion"]?.stringValue }

    package var isControlPlane: Bool { labels[WellKnown.controlPlaneRole] != nil }
    package var zone: String? { labels[WellKnown.zone] }
    /// Karpenter's.
    package var nodePool: String? { labels[WellKnown.nodePool] }
}
