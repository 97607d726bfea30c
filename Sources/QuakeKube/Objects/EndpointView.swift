/// One endpoint of an EndpointSlice, read out of its JSON.
package struct EndpointView: Sendable {
    package var object: JSONValue

    package init(_ object: JSONValue) { self.object = object }

    /// All of a slice, in its order.
    package static func all(of slice: JSONValue) -> [EndpointView] {
        (slice["endpoints"]?.arrayValue ?? []).map { EndpointView($0) }
    }

    // The API says how to read a condition that is absent: as ready, as serving, as not terminating.
    package var isReady: Bool { object[path: "conditions.ready"]?.boolValue ?? true }
    package var isServing: Bool { object[path: "conditions.serving"]?.boolValue ?? true }
    package var isTerminating: Bool { object[path: "conditions.terminating"]?.boolValue ?? false }
    /// The first, which is what clients use.
    package var address: String? { object.at("addresses", 0)?.stringValue }
    package var node: String? { object["nodeName"]?.stringValue }
    /// Name of the pod behind it.
    package var pod: String? { object[path: "targetRef.name"]?.stringValue }
}
