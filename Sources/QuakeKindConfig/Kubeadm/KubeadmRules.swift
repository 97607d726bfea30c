import QuakePlan
import QuakeYAML

/// What kubeadm's validation refuses of documents whose types are right (cmd/kubeadm/app/apis/kubeadm/validation).
struct KubeadmRules {
    let cluster: WrittenCluster
    let findings: Findings

    func check(_ document: YAMLNode?, _ manager: [KindArgument]) {
        let networking = document?["networking"]
        if let domain = networking?["dnsDomain"], let text = domain.scalar, !text.isEmpty, !LabelNames.isSubdomain(text)
        {
            findings.refuse(.kubeadm, domain.place, "dnsDomain \"\(text)\" is not a DNS name")
        }
        check(networking?["serviceSubnet"], "serviceSubnet", cluster.networking.serviceSubnet.place) { _, hostBits in
            hostBits > 20 ? "the service subnet is too large: 20 bits are the most" : nil
        }
        let isAllotted = manager.last { $0.flag == "allocate-node-cidrs" }?.value != "false"
        check(networking?["podSubnet"], "podSubnet", cluster.networking.podSubnet.place) { isVersion4, hostBits in
            isAllotted ? nodeProblem(isVersion4, hostBits, manager) : nil
        }
    }

    /// Each node gets a subnet of the pods'.
    private func nodeProblem(_ isVersion4: Bool, _ hostBits: Int, _ manager: [KindArgument]) -> String? {
        let flag = "node-cidr-mask-size-\(isVersion4 ? "ipv4" : "ipv6")"
        let written = manager.last { $0.name == flag }.flatMap { Int($0.value) }
        let nodes = written ?? (isVersion4 ? 24 : 64)
        let mask = (isVersion4 ? 32 : 128) - hostBits
        if mask > nodes { return "its mask, \(mask), is smaller than a node's, which is \(nodes)" }
        return nodes - mask > 16 ? "its mask, \(mask), and a node's, \(nodes), are more than 16 bits apart" : nil
    }

    private func check(
        _ node: YAMLNode?, _ what: String, _ own: KindPlace, _ problem: (Bool, Int) -> String?
    ) {
        guard let node, let text = node.scalar else { return }
        let place = node.isWritten ? node.place : own
        guard place.line > 0 else { return }
        for part in text.split(separator: ",") {
            guard let subnet = IPAddress.subnet(part) else {
                if node.isWritten {
                    findings.refuse(.kubeadm, place, "\(what) \"\(part)\" is not a CIDR, as 10.244.0.0/16")
                }
                continue
            }
            let hostBits = (subnet.isVersion4 ? 32 : 128) - subnet.bits
            let least = "it has too few addresses: 4 bits are the least"
            if let problem = hostBits < 4 ? least : problem(subnet.isVersion4, hostBits) {
                findings.refuse(.kubeadm, place, "\(what) \"\(part)\": \(problem)")
            }
        }
    }

    func check(registration: YAMLNode?) {
        let allowed = ["Always", "IfNotPresent", "Never"]
        guard let policy = registration?["imagePullPolicy"], let text = policy.scalar, !text.isEmpty,
            !allowed.contains(text)
        else { return }
        findings.refuse(
            .kubeadm, policy.place, "imagePullPolicy \"\(text)\"\(Suggestion.hint(for: text, among: allowed))")
    }
}
