import QuakeBase
package import QuakeKube
package import QuakeMesh

/// What Istio's or Solo's mesh carries for a plan: the backend, and the prober, which must be a pod of the mesh itself.
extension MeshManifests {
    /// Puts a pod, or all pods of a namespace, on ztunnel's way.
    private static let ambient: (label: String, value: JSONValue) = (WellKnown.dataplaneMode, "ambient")

    /// - Parameters:
    ///   - distribution: each has a label of its own for Services that all clusters share.
    ///   - probers: as ``prober(_:replicas:)`` gives them.
    ///   - servesBackend: whether this cluster's own backend answers; elsewhere only its Service is known. A cluster that
    ///     requests come from must not answer them itself.
    package func guests(
        of distribution: IstioDistribution, servesBackend: Bool, probers: [JSONValue]
    ) -> [JSONValue] {
        var backendNamespace = namespace(Names.backendNamespace)
        backendNamespace.set(Self.ambient.value, at: "metadata", "labels", Self.ambient.label)
        var global = service(
            Names.backend, in: Names.backendNamespace, type: "ClusterIP", port: MeshPort.echo,
            selector: ["app": .string(Names.backend)])
        switch distribution {
        case .istio: global.set("true", at: "metadata", "labels", WellKnown.global)
        case .solo: global.set("global", at: "metadata", "labels", "solo.io/service-scope")
        }
        let backend = deployment(
            Names.backend, in: Names.backendNamespace, role: "echo", replicas: 2, port: MeshPort.echo,
            onControlPlane: true,
            antiAffinity: false, environment: [])
        return [backendNamespace, global] + account("echo", Names.backendNamespace)
            + (servesBackend ? [backend] : []) + meshed(probers)
    }

    private func meshed(_ probers: [JSONValue]) -> [JSONValue] {
        probers.map { object in
            guard object.kind == "Deployment" else { return object }
            var object = object
            object.set(Self.ambient.value, at: "spec", "template", "metadata", "labels", Self.ambient.label)
            return object
        }
    }
}
