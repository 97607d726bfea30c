/// What every Kubernetes object has, read out of its JSON. An object without the field reads as the empty string.
extension JSONValue {
    package var kind: String { self["kind"]?.stringValue ?? "" }
    package var apiVersion: String { self["apiVersion"]?.stringValue ?? "" }
    /// `metadata`; `.null` where there is none.
    package var metadata: JSONValue { self["metadata"] ?? .null }
    package var name: String { metadata["name"]?.stringValue ?? "" }
    /// Empty for a cluster-wide object.
    package var namespace: String { metadata["namespace"]?.stringValue ?? "" }
    package var uid: String { metadata["uid"]?.stringValue ?? "" }
    /// Opaque: compared for equality only.
    package var resourceVersion: String { metadata["resourceVersion"]?.stringValue ?? "" }
    package var labels: [String: String] { metadata["labels"]?.stringMembers ?? [:] }
    package var annotations: [String: String] { metadata["annotations"]?.stringMembers ?? [:] }
    /// Whether deletion has begun.
    package var isBeingDeleted: Bool { metadata["deletionTimestamp"]?.stringValue != nil }

    /// `status` of the condition of this type: `True`, `False` or `Unknown`.
    package func condition(_ type: String) -> String? {
        self["status"]?["conditions"]?.arrayValue?.first { $0["type"]?.stringValue == type }?["status"]?.stringValue
    }
}
