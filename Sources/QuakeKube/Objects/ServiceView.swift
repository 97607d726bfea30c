/// A Service, read out of its JSON.
package struct ServiceView: Sendable {
    package var object: JSONValue

    package init(_ object: JSONValue) { self.object = object }

    package var type: String? { object[path: "spec.type"]?.stringValue }
    package var ports: [JSONValue] { object[path: "spec.ports"]?.arrayValue ?? [] }
    package var externalTrafficPolicy: String? { object[path: "spec.externalTrafficPolicy"]?.stringValue }
    /// `None` for a headless one.
    package var clusterIP: String? { object[path: "spec.clusterIP"]?.stringValue }
    /// Only of a load-balanced one whose traffic policy is Local.
    package var healthCheckNodePort: Int? { object[path: "spec.healthCheckNodePort"]?.intValue }
    /// The load balancer's first address; `nil` while it has none.
    package var ingressIP: String? { object.at("status", "loadBalancer", "ingress", 0, "ip")?.stringValue }
}
