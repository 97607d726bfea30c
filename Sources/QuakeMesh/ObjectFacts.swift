package import QuakeKube

/// Facts that parts of the mesh, and its drivers, read out of objects.
package enum ObjectFacts {
    /// Ready endpoints of EndpointSlices as (address, node).
    package static func readyEndpoints(_ slices: [JSONValue]) -> [(address: String, node: String)] {
        slices.flatMap { EndpointView.all(of: $0) }.filter(\.isReady).compactMap { endpoint in
            endpoint.address.map { ($0, endpoint.node ?? "") }
        }
    }
}
