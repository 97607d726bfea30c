import QuakeYAML

/// `extraArgs` and `kubeletExtraArgs`, as lists and as mappings.
enum Arguments {
    /// Flags with the places of their values; those that kind wrote have none. A value that is no text is left out: kubeadm
    /// refuses it.
    static func read(_ node: YAMLNode?, _ findings: Findings) -> [KindArgument] {
        if let pairs = node?.mapping {
            return pairs.compactMap { argument($0.key.scalar ?? "", $0.value, $0.value.place) }
                .sorted { $0.name < $1.name }
        }
        return (node?.sequence ?? []).compactMap { element in
            let name = element["name"]?.scalar ?? ""
            if name.isEmpty {
                findings.refuse(.kubeadm, element.place, "an argument without a name")
                return nil
            }
            let value = element["value"]
            return argument(name, value, value?.place ?? element.place)
        }
    }

    private static func argument(_ name: String, _ value: YAMLNode?, _ place: KindPlace) -> KindArgument? {
        switch value?.jsonScalar {
        case .text(let text)?: KindArgument(name, text, place)
        case .null?: KindArgument(name, "", place)
        case nil where value == nil: KindArgument(name, "", place)
        default: nil
        }
    }

    /// The controller manager's whole command line (cmd/kubeadm/app/phases/controlplane/manifests.go): kubeadm's own flags
    /// by name, but those that are overridden, and then the others.
    static func controllerManager(
        _ document: YAMLNode?, _ extra: [KindArgument], _ version: KubernetesVersion
    ) -> [KindArgument] {
        let folder = document?["certificatesDir"]?.scalar ?? "/etc/kubernetes/pki"
        let config = "/etc/kubernetes/controller-manager.conf"
        var own = [
            KindArgument("authentication-kubeconfig", config), KindArgument("authorization-kubeconfig", config),
            KindArgument("bind-address", "127.0.0.1"), KindArgument("client-ca-file", "\(folder)/ca.crt"),
            KindArgument("cluster-signing-cert-file", "\(folder)/ca.crt"),
            KindArgument("cluster-signing-key-file", "\(folder)/ca.key"),
            KindArgument("controllers", "*,bootstrapsigner,tokencleaner"), KindArgument("kubeconfig", config),
            KindArgument("leader-elect", "true"),
            KindArgument("requestheader-client-ca-file", "\(folder)/front-proxy-ca.crt"),
            KindArgument("root-ca-file", "\(folder)/ca.crt"),
            KindArgument("service-account-private-key-file", "\(folder)/sa.key"),
            KindArgument("use-service-account-credentials", "true"),
        ]
        let networking = document?["networking"]
        if let pods = networking?["podSubnet"]?.scalar, !pods.isEmpty {
            own += [KindArgument("allocate-node-cidrs", "true"), KindArgument("cluster-cidr", pods)]
            if let services = networking?["serviceSubnet"]?.scalar, !services.isEmpty {
                own.append(KindArgument("service-cluster-ip-range", services))
            }
        }
        if let name = document?["clusterName"]?.scalar, !name.isEmpty { own.append(KindArgument("cluster-name", name)) }
        let overridden = Set(extra.map(\.name))
        let all = own.filter { !overridden.contains($0.name) }.sorted { $0.name < $1.name } + extra
        // Before 1.31 these were a mapping to kubeadm too.
        return version.isBefore(31) ? all.sorted { $0.name < $1.name } : all
    }
}
