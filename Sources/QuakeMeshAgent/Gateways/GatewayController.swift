import FoundationEssentials
import QuakeBase
import QuakeKube
import QuakeMesh
import Synchronization

/// Makes the objects of the Gateways of the stand-in's class, as istiod does: its replicas all watch, the elected one writes,
/// and nobody deletes what a ConfigMap no longer asks for.
final class GatewayController: Sendable {
    private struct Parts {
        var gateways: Reflector?
        var changes: Reflector?
        var template: Reflector?
        var election: Election?
    }

    private struct State {
        var isAtWork = false
        /// Something changed while it was at work.
        var isDue = false
    }

    private let kube: KubeClient
    private let namespace: String
    private let parts = Mutex(Parts())
    private let state = Mutex(State())

    /// - Parameters:
    ///   - pod: of this replica.
    ///   - namespace: where the Gateways are.
    ///   - isConnected: whether its node is on the network.
    init(
        _ kube: KubeClient, pod: String, namespace: String, isConnected: @escaping @Sendable () -> Bool
    ) {
        self.kube = kube
        self.namespace = namespace
        let due: @Sendable () async -> Void = { [weak self] in await self?.build() }
        let changes = Reflector(
            kube, .configMaps(MeshNames.systemNamespace),
            labels: "\(WellKnown.gatewayDefaults)=\(MeshNames.gatewayClass)", onChange: due)
        let template = Reflector(
            kube, .configMaps(MeshNames.systemNamespace), fields: "metadata.name=\(MeshNames.gatewayTemplate)",
            onChange: due)
        let gateways = Reflector(kube, Self.gateways(namespace), onChange: due)
        let election = Election(kube, holder: pod, isConnected: isConnected, elected: due)
        parts.withLock { $0 = Parts(gateways: gateways, changes: changes, template: template, election: election) }
    }

    private static func gateways(_ namespace: String) -> ResourcePath {
        ResourcePath(
            group: "gateway.networking.k8s.io", version: "v1", resource: "gateways", namespace: namespace)
    }

    func stop(gracefully: Bool) async {
        let parts = parts.withLock { parts in
            defer { parts = Parts() }
            return parts
        }
        for reflector in [parts.gateways, parts.changes, parts.template] { reflector?.stop() }
        await parts.election?.stop(gracefully: gracefully)
    }

    // MARK: - Building

    /// Several watches tell of changes, each in a task of its own: one of them builds, and once more for what came meanwhile.
    private func build() async {
        let isFirst = state.withLock { state in
            defer { state.isAtWork = true }
            if state.isAtWork { state.isDue = true }
            return !state.isAtWork
        }
        guard isFirst else { return }
        while true {
            await buildAll()
            let isOver = state.withLock { state in
                defer { state.isDue = false }
                if !state.isDue { state.isAtWork = false }
                return !state.isDue
            }
            if isOver { return }
        }
    }

    private func buildAll() async {
        let parts = parts.withLock { $0 }
        guard let gateways = parts.gateways, let changes = parts.changes, let template = parts.template,
            let election = parts.election, election.isLeading,
            gateways.isSynced, changes.isSynced, template.isSynced,
            let standard = template.objects.first?["data"]?.stringMembers
        else { return }
        let wanted = GatewayBuild.oldest(changes.objects)?["data"]?.stringMembers ?? [:]
        for gateway in gateways.objects.sorted(by: { $0.name < $1.name })
        where gateway[path: "spec.gatewayClassName"]?.stringValue == MeshNames.gatewayClass {
            let build = GatewayBuild(gateway: gateway, template: standard, changes: wanted)
            do {
                let isMade = try await make(build) { election.isLeading }
                if isMade { await tell(gateway, nil) }
            } catch let error as GatewayBuildError {
                await tell(gateway, error.words)
            } catch {
                await tell(gateway, "\(error)")
            }
        }
    }

    /// - Returns: `false` where this replica may no longer write.
    private func make(_ build: GatewayBuild, while isLeading: () -> Bool) async throws -> Bool {
        // Whatever is wrong with one of them, none is written.
        for part in GatewayBuild.Part.allCases { _ = try build.object(part) }
        for part in GatewayBuild.Part.allCases {
            guard isLeading() else { return false }
            guard let object = try build.made(part) else { continue }
            let path = try ResourcePath(manifest: object, defaultNamespace: namespace)
            if let live = try await kube.find(path) {
                guard let patch = try build.patch(part, of: live) else { continue }
                try await kube.patch(path, patch, type: .strategic)
            } else {
                var made = object
                if made[path: "metadata.annotations"]?[GatewayBuild.record] == .null {
                    made.set(nil, at: "metadata", "annotations", GatewayBuild.record)
                }
                try await kube.create(made, at: path)
            }
        }
        return true
    }

    /// Says in the Gateway's conditions what came of it.
    ///
    /// - Parameter problem: `nil` where everything is made.
    private func tell(_ gateway: JSONValue, _ problem: String?) async {
        let (status, message) = (problem == nil ? "True" : "False", problem ?? "")
        let known = gateway[path: "status.conditions"]?.arrayValue?.first { $0["type"] == "Programmed" }
        // What is said already is not said again: each writing is a change of the Gateway.
        if known?["status"]?.stringValue == status, known?["message"]?.stringValue == message { return }
        let condition: JSONValue = [
            "type": "Programmed", "status": .string(status),
            "reason": .string(problem == nil ? "Programmed" : "Invalid"), "message": .string(message),
            "observedGeneration": gateway.metadata["generation"] ?? 0,
            "lastTransitionTime": .string(Date.now.formatted(.iso8601)),
        ]
        let path = Self.gateways(gateway.namespace).named(gateway.name).subresource("status")
        _ = try? await kube.patch(path, ["status": ["conditions": [condition]]])
    }
}
