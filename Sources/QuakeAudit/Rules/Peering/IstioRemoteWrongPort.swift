import QuakeKube
import QuakeRecord

/// The port is the one that nodes forward to the gateway.
enum IstioRemoteWrongPort: AuditRule {
    static let declaration = RuleDeclaration(
        "istio-remote-wrong-port", .peering, .error,
        practice:
            "Via NodePort the HBONE listener of a Gateway of class istio-remote has the nodePort of the server's port 15008.",
        why: "Nodes forward nothing else to the gateway: connections to another port are refused.",
        remedy: "Write the nodePort of port 15008 of the server's gateway Service.", meshes: [.istio],
        methods: [.nodePort], side: .client)

    static func findings(at site: AuditSite) throws -> [Finding] {
        try site.outgoing.get().filter { $0.method == .nodePort }.compactMap { peering in
            guard let (port, service) = try NodePortServer(peering).port() else { return nil }
            let remote = peering.object
            guard remote.hbonePort != port else { return nil }
            let listeners = (remote[path: "spec.listeners"]?.arrayValue ?? []).map { listener -> JSONValue in
                var listener = listener
                if listener["protocol"]?.stringValue == "HBONE" { listener["port"] = .int(Int64(port)) }
                return listener
            }
            return finding(
                "Gateway \(remote.namespace)/\(remote.name) dials port \(remote.hbonePort.map(String.init) ?? "none") and "
                    + "\(peering.server) forwards \(port)", at: site,
                [
                    Evidence(remote, "spec.listeners[HBONE].port", remote.hbonePort.map(String.init) ?? "absent"),
                    Evidence(service, "spec.ports[15008].nodePort", "\(port)"),
                ],
                fix: AuditFix(
                    .patch(resource: "gateway", namespace: remote.namespace, name: remote.name),
                    ["spec": ["listeners": .array(listeners)]]))
        }
    }
}
