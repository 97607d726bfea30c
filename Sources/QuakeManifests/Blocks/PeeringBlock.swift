import QuakeBase
import QuakeKube
import QuakeMesh
import QuakeRecord

/// What makes Solo peer via NodePort: annotations, in lower case, for a capital was seen to be ignored in silence.
///
/// The chart peering has values for them, which no reference documents: they are left out.
struct PeeringBlock {
    let parameters: ManifestParameters

    func blocks() -> [ManifestBlock] {
        guard parameters.mesh == .solo, parameters.peering == .nodePort else { return [] }
        return [own, peer]
    }

    private var own: ManifestBlock {
        ManifestBlock(
            kind: .patch, file: "gateway-nodeport-patch.yaml",
            usage: patchCommand(parameters.gateway, "gateway-nodeport-patch.yaml"),
            reasons: [
                "Peers may reach this cluster through its nodes' InternalIPs. The Gateway keeps its address, by "
                    + "which the control planes talk, and must have the label \(WellKnown.cluster)."
            ], body: ["metadata": ["annotations": [IstioNames.ownType: "nodeport"]]])
    }

    private var peer: ManifestBlock {
        let peers = parameters.cluster?.peers ?? []
        return ManifestBlock(
            kind: .patch, file: "peer-nodeport-patch.yaml",
            usage: (peers.isEmpty ? ["istio-remote-peer-CLUSTER"] : peers)
                .map { patchCommand($0, "peer-nodeport-patch.yaml") }.joined(separator: " && "),
            reasons: [
                "This cluster sends to a peer through NodePorts. Patch the peer's own Gateway first. Without the "
                    + "annotation \(WellKnown.gatewayServiceAccount) and the label \(WellKnown.cluster) the peer "
                    + "would be ignored in silence."
            ],
            body: [
                "metadata": [
                    "annotations": [
                        IstioNames.preferredType: "nodeport",
                        WellKnown.gatewayServiceAccount: .string(parameters.gateway),
                    ]
                ]
            ])
    }

    private func patchCommand(_ gateway: String, _ file: String) -> String {
        parameters.kubectl(
            "-n \(parameters.gatewayNamespace) patch gateways.gateway.networking.k8s.io \(gateway) --type merge "
                + "--patch-file \(file)")
    }
}
