/// A file that is compiled into the program, so that an installed binary needs nothing else.
///
/// The one source is the repository's own folders `Plans` and `kind-configs`: this target has links to them, and the package
/// compiles what is in them as bytes. A test compares the table below with the folders.
package struct ShippedFile: Sendable, Equatable {
    /// From the root of the repository: `Plans/checks/loss.yaml`. Unique.
    package var path: String
    /// Byte for byte as in the file.
    package var text: String

    private init(_ path: String, _ bytes: [UInt8]) {
        self.path = path
        self.text = String(decoding: bytes, as: UTF8.self)
    }

    /// Of `path` without its folder `Plans`, as a plan in `Plans` would name it: `manifests/istiod-1.yaml`.
    package var name: String {
        path.hasPrefix(Self.plans) ? String(path.dropFirst(Self.plans.count)) : path
    }

    /// The folder of the plans and of what they apply.
    package static let plans = "Plans/"

    /// The file of a path; `nil` where there is none.
    package static subscript(path: String) -> ShippedFile? { all.first { $0.path == path } }

    /// Plans first, then those in subfolders, manifests and kind configs; each group by name.
    package static let all: [ShippedFile] = [
        ShippedFile("Plans/control-plane-cordon.yaml", PackageResources.control_plane_cordon_yaml),
        ShippedFile("Plans/drain-blocked-by-pdb.yaml", PackageResources.drain_blocked_by_pdb_yaml),
        ShippedFile("Plans/drain-gateway-node.yaml", PackageResources.drain_gateway_node_yaml),
        ShippedFile("Plans/gateway-node-kill.yaml", PackageResources.gateway_node_kill_yaml),
        ShippedFile("Plans/grace-period-sweep.yaml", PackageResources.grace_period_sweep_yaml),
        ShippedFile("Plans/istiod-node-kill.yaml", PackageResources.istiod_node_kill_yaml),
        ShippedFile("Plans/node-blip.yaml", PackageResources.node_blip_yaml),
        ShippedFile("Plans/nodepool-expiry-staggered.yaml", PackageResources.nodepool_expiry_staggered_yaml),
        ShippedFile("Plans/nodepool-expiry-together.yaml", PackageResources.nodepool_expiry_together_yaml),
        ShippedFile("Plans/quickstart.yaml", PackageResources.quickstart_yaml),
        ShippedFile("Plans/rolling-upgrade.yaml", PackageResources.rolling_upgrade_yaml),
        ShippedFile("Plans/checks/loss-shared.yaml", PackageResources.loss_shared_yaml),
        ShippedFile("Plans/checks/loss.yaml", PackageResources.loss_yaml),
        ShippedFile("Plans/checks/stray-connects.yaml", PackageResources.stray_connects_yaml),
        ShippedFile("Plans/compare/gateway-kill.yaml", PackageResources.gateway_kill_yaml),
        ShippedFile("Plans/compare/tunnel-faults.yaml", PackageResources.tunnel_faults_yaml),
        ShippedFile("Plans/practices/budget-kill.yaml", PackageResources.budget_kill_yaml),
        ShippedFile("Plans/practices/budget-upgrade.yaml", PackageResources.budget_upgrade_yaml),
        ShippedFile("Plans/practices/cordon-alone.yaml", PackageResources.cordon_alone_yaml),
        ShippedFile("Plans/practices/expiry-ages.yaml", PackageResources.expiry_ages_yaml),
        ShippedFile("Plans/practices/expiry-budget.yaml", PackageResources.expiry_budget_yaml),
        ShippedFile("Plans/practices/expiry-values.yaml", PackageResources.expiry_values_yaml),
        ShippedFile("Plans/practices/grace-period-blip.yaml", PackageResources.grace_period_blip_yaml),
        ShippedFile("Plans/practices/grace-period-kill.yaml", PackageResources.grace_period_kill_yaml),
        ShippedFile("Plans/practices/istiod-placement.yaml", PackageResources.istiod_placement_yaml),
        ShippedFile("Plans/practices/not-ready.yaml", PackageResources.not_ready_yaml),
        ShippedFile("Plans/practices/pod-to-pod.yaml", PackageResources.pod_to_pod_yaml),
        ShippedFile("Plans/practices/propagation.yaml", PackageResources.propagation_yaml),
        ShippedFile("Plans/practices/replicas-equal-nodes.yaml", PackageResources.replicas_equal_nodes_yaml),
        ShippedFile("Plans/practices/replicas.yaml", PackageResources.replicas_yaml),
        ShippedFile("Plans/practices/restart-without-drain.yaml", PackageResources.restart_without_drain_yaml),
        ShippedFile("Plans/practices/targets.yaml", PackageResources.targets_yaml),
        ShippedFile("Plans/practices/too-few-nodes.yaml", PackageResources.too_few_nodes_yaml),
        ShippedFile("Plans/practices/topology-key.yaml", PackageResources.topology_key_yaml),
        ShippedFile("Plans/practices/topology-spread-key.yaml", PackageResources.topology_spread_key_yaml),
        ShippedFile("Plans/practices/xds-address.yaml", PackageResources.xds_address_yaml),
        ShippedFile("Plans/practices/zone-loss.yaml", PackageResources.zone_loss_yaml),
        ShippedFile("Plans/manifests/gateway-in-a.yaml", PackageResources.gateway_in_a_yaml),
        ShippedFile("Plans/manifests/gateway-in-b.yaml", PackageResources.gateway_in_b_yaml),
        ShippedFile("Plans/manifests/gateway-key-hostname.yaml", PackageResources.gateway_key_hostname_yaml),
        ShippedFile("Plans/manifests/gateway-key-missing.yaml", PackageResources.gateway_key_missing_yaml),
        ShippedFile("Plans/manifests/gateway-key-zone.yaml", PackageResources.gateway_key_zone_yaml),
        ShippedFile("Plans/manifests/gateway-pdb-one.yaml", PackageResources.gateway_pdb_one_yaml),
        ShippedFile("Plans/manifests/gateway-pdb-two.yaml", PackageResources.gateway_pdb_two_yaml),
        ShippedFile("Plans/manifests/gateway-pdb-zero.yaml", PackageResources.gateway_pdb_zero_yaml),
        ShippedFile("Plans/manifests/gateway-spread-hostname.yaml", PackageResources.gateway_spread_hostname_yaml),
        ShippedFile("Plans/manifests/gateway-spread-missing.yaml", PackageResources.gateway_spread_missing_yaml),
        ShippedFile("Plans/manifests/gateway-three-preferred.yaml", PackageResources.gateway_three_preferred_yaml),
        ShippedFile("Plans/manifests/gateway-three-required.yaml", PackageResources.gateway_three_required_yaml),
        ShippedFile("Plans/manifests/istiod-1.yaml", PackageResources.istiod_1_yaml),
        ShippedFile("Plans/manifests/istiod-2.yaml", PackageResources.istiod_2_yaml),
        ShippedFile("Plans/manifests/istiod-3-preferred.yaml", PackageResources.istiod_3_preferred_yaml),
        ShippedFile("Plans/manifests/istiod-3-required.yaml", PackageResources.istiod_3_required_yaml),
        ShippedFile("Plans/manifests/istiod-3-spread.yaml", PackageResources.istiod_3_spread_yaml),
        ShippedFile("Plans/manifests/istiod-3.yaml", PackageResources.istiod_3_yaml),
        ShippedFile("Plans/manifests/istiod-address-gone.yaml", PackageResources.istiod_address_gone_yaml),
        ShippedFile("Plans/manifests/istiod-address-kept.yaml", PackageResources.istiod_address_kept_yaml),
        ShippedFile("Plans/manifests/west-two-zones.yaml", PackageResources.west_two_zones_yaml),
        ShippedFile("kind-configs/east.yaml", PackageResources.east_yaml),
        ShippedFile("kind-configs/ha-west.yaml", PackageResources.ha_west_yaml),
        ShippedFile("kind-configs/quick-east.yaml", PackageResources.quick_east_yaml),
        ShippedFile("kind-configs/quick-lease-east.yaml", PackageResources.quick_lease_east_yaml),
        ShippedFile("kind-configs/quick-lease-west.yaml", PackageResources.quick_lease_west_yaml),
        ShippedFile("kind-configs/quick-single-east.yaml", PackageResources.quick_single_east_yaml),
        ShippedFile("kind-configs/quick-single-west.yaml", PackageResources.quick_single_west_yaml),
        ShippedFile("kind-configs/quick-west.yaml", PackageResources.quick_west_yaml),
        ShippedFile("kind-configs/west.yaml", PackageResources.west_yaml),
    ]
}

/// Whose times the shipped pair of clusters keeps.
package enum PairTiming: String, Sendable, CaseIterable {
    /// Node failures are noticed about ten times sooner than by Kubernetes' defaults.
    case quick
    /// Kubernetes' own.
    case real

    /// The kind configs of the clusters `east` and `west`.
    package var configs: [ShippedFile] {
        let prefix = self == .quick ? "quick-" : ""
        return ["east", "west"].compactMap { ShippedFile["kind-configs/\(prefix)\($0).yaml"] }
    }
}
