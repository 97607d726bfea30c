package import QuakeKube

/// Facts that parts of the mesh, and its drivers, read out of objects.
package enum ObjectFacts {
    /// The node's InternalIP.
    package static func internalAddress(of node: JSONValue) -> String? {
        node[path: "status.addresses"]?.arrayValue?
            .first { $0["type"]?.stringValue == "InternalIP" }?["address"]?.stringValue
    }

    /// Ready endpoints of EndpointSlices as (address, node).
    package static func readyEndpoints(_ slices: [JSONValue]) -> [(address: String, node: String)] {
        slices.flatMap { $0["endpoints"]?.arrayValue ?? [] }
            .filter { $0[path: "conditions.ready"]?.boolValue ?? true }
            .compactMap { endpoint in
                guard let address = endpoint.at("addresses", 0)?.stringValue else { return nil }
                return (address, endpoint["nodeName"]?.stringValue ?? "")
            }
    }
}
