/// A Lease, read out of its JSON.
package struct LeaseView: Sendable {
    package var object: JSONValue

    package init(_ object: JSONValue) { self.object = object }

    /// Empty where nobody holds it.
    package var holder: String { object[path: "spec.holderIdentity"]?.stringValue ?? "" }
    /// RFC 3339, compared for equality only; empty where it was never renewed.
    package var renewed: String { object[path: "spec.renewTime"]?.stringValue ?? "" }
    /// For how long a renewal holds, in s.
    package var seconds: Int? { object[path: "spec.leaseDurationSeconds"]?.intValue }
}
