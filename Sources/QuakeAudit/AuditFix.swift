import QuakeBase
package import QuakeKube

/// What would mend a finding.
package struct AuditFix: Sendable, Equatable {
    /// How its YAML is to be used.
    package enum Form: Sendable, Equatable {
        /// Whole objects: `kubectl apply`.
        case manifest
        /// Of the namespace's object of this resource and name: `kubectl patch --patch-file`.
        case patch(resource: String, namespace: String, name: String)
        /// A key of the ConfigMap that customises a class of Gateways: it is merged into the one that is there.
        case gatewayDefaults(key: String, configMap: JSONValue)
        /// Values of istiod's chart.
        case helm
        /// Objects to delete: `kubectl delete`.
        case removal
    }

    package var form: Form
    package var body: JSONValue

    package init(_ form: Form, _ body: JSONValue) {
        self.form = form
        self.body = body
    }

    /// Values of istiod's chart. They are below `pilot`: charts from 1.24 on merge that over the rest, and earlier ones read
    /// nothing else.
    static func istiod(_ values: JSONValue) -> AuditFix { AuditFix(.helm, ["pilot": values]) }

    /// How the YAML is used, as a command line with `FILE` for its place.
    package var command: String {
        switch form {
        case .manifest, .gatewayDefaults: "kubectl apply -f FILE"
        case .removal: "kubectl delete -f FILE"
        case .patch(let resource, let namespace, let name):
            "kubectl patch \(resource)\(namespace.isEmpty ? "" : " -n \(namespace)") \(name) --patch-file FILE"
                + (Self.isCustom(resource) ? " --type merge" : "")
        case .helm: "helm upgrade istiod CHART -n istio-system --reuse-values -f FILE"
        }
    }

    /// Custom resources know no strategic merge.
    private static func isCustom(_ resource: String) -> Bool { ["gateway", "nodepool"].contains(resource) }

    /// The object that is applied, patched or deleted, or the values.
    package var object: JSONValue {
        guard case .gatewayDefaults(let key, let configMap) = form else { return body }
        return Self.merged(configMap, [(key, body)])
    }

    /// ``object`` as YAML, with a newline at its end.
    package var yaml: String { object.yamlText }

    /// A ConfigMap with patches of its keys merged into what they hold.
    static func merged(_ configMap: JSONValue, _ patches: [(key: String, body: JSONValue)]) -> JSONValue {
        var result = configMap
        for (key, body) in patches {
            let text = result.at("data", key)?.stringValue ?? ""
            let known = (try? JSONValue.manifests(text, file: key))?.first ?? [:]
            result.set(.string(known.merging(body).yamlText), at: "data", key)
        }
        return result
    }
}

extension JSONValue {
    /// Members of both; where both have one, objects are merged and everything else is the patch's.
    func merging(_ patch: JSONValue) -> JSONValue {
        guard case .object(let own) = self, case .object(let other) = patch else { return patch }
        return .object(own.merging(other) { $0.merging($1) })
    }
}

// MARK: - By what it mends

extension AuditSite {
    /// A change of a gateway's or istiod's Deployment, in the way in which its mesh lets it be changed for good.
    ///
    /// - Parameters:
    ///   - key: of the class's ConfigMap.
    ///   - helm: the same in the words of istiod's chart; `nil` where its values cannot say it.
    func fix(
        _ workload: Workload, _ key: String = "deployment", patch: JSONValue, helm: JSONValue? = nil
    ) -> AuditFix? {
        if let gateway = workload.gateway {
            return .init(.gatewayDefaults(key: key, configMap: defaults(gateway)), patch)
        }
        if workload.role == .istiod, (try? mesh()) != .standin { return helm.map { .istiod($0) } }
        guard key == "deployment" else { return nil }
        return AuditFix(
            .patch(resource: "deployment", namespace: workload.namespace, name: workload.name), patch)
    }

    /// The ConfigMap that customises the Gateway's class, as it is; a new one where there is none.
    func defaults(_ gateway: JSONValue) -> JSONValue {
        let kind = gateway[path: "spec.gatewayClassName"]?.stringValue ?? ""
        if let known = (try? defaultsInForce())?[kind] {
            return [
                "apiVersion": "v1", "kind": "ConfigMap",
                "metadata": [
                    "name": .string(known.name), "namespace": .string(known.namespace),
                    "labels": JSONValue(known.labels),
                ], "data": known["data"] ?? [:],
            ]
        }
        let namespace = (try? istiods())?.first?.namespace ?? "istio-system"
        return [
            "apiVersion": "v1", "kind": "ConfigMap",
            "metadata": [
                "name": .string("\(kind)-defaults"), "namespace": .string(namespace),
                "labels": [GatewayDefaults.label: .string(kind)],
            ], "data": [:],
        ]
    }

    /// Class → the oldest ConfigMap that customises it, which wins.
    func defaultsInForce() throws(Unchecked) -> [String: JSONValue] {
        let sorted = try defaultsMaps().sorted {
            ($0.metadata["creationTimestamp"]?.stringValue ?? "", $0.name)
                < ($1.metadata["creationTimestamp"]?.stringValue ?? "", $1.name)
        }
        return Dictionary(sorted.map { ($0.labels[GatewayDefaults.label] ?? "", $0) }) { first, _ in first }
    }

    /// ConfigMaps that customise a class.
    func defaultsMaps() throws(Unchecked) -> [JSONValue] {
        try items(.configmaps).filter { $0.labels[GatewayDefaults.label] != nil }
    }
}
