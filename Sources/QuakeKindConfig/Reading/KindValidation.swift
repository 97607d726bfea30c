import QuakePlan

/// What kind refuses of a configuration that it can decode (kind's pkg/internal/apis/config/validate.go).
struct KindValidation {
    static let roles = ["control-plane", "worker"]

    let findings: Findings

    static func isName(_ name: String) -> Bool {
        name.allSatisfy { $0.isASCIIDigit || ("a"..."z").contains($0) || $0 == "." || $0 == "-" }
    }

    func check(_ cluster: WrittenCluster) {
        let name = cluster.name
        if !Self.isName(name.value) {
            findings.refuse(
                .kind, name.place, "the name \"\(name.value)\": small letters, digits, dots and dashes are allowed")
        }
        check(cluster.networking)
        for node in cluster.nodes { check(node) }
        if !cluster.nodes.contains(where: { $0.role.value == "control-plane" }) {
            findings.refuse(
                .kind, cluster.nodes.first?.place ?? cluster.place,
                "no node is a control plane; one must have role: control-plane")
        }
    }

    private func check(_ networking: WrittenCluster.Networking) {
        port(networking.apiServerPort, "apiServerPort")
        let families = ["ipv4", "ipv6", "dual"]
        word(networking.ipFamily, "ipFamily", families)
        word(networking.kubeProxyMode, "kubeProxyMode", ["iptables", "ipvs", "nftables", "none"])
        guard families.contains(networking.ipFamily.value) else { return }
        for (subnet, what) in [(networking.podSubnet, "podSubnet"), (networking.serviceSubnet, "serviceSubnet")]
        where !subnet.value.isEmpty {
            if let problem = Self.subnetProblem(subnet.value, family: networking.ipFamily.value) {
                findings.refuse(.kind, subnet.place, "\(what) \"\(subnet.value)\": \(problem)")
            }
        }
    }

    private func word(_ word: Written<String>, _ what: String, _ allowed: [String]) {
        guard !allowed.contains(word.value) else { return }
        findings.refuse(
            .kind, word.place, "\(what) \"\(word.value)\"\(Suggestion.hint(for: word.value, among: allowed))")
    }

    private func port(_ port: Written<Int>, _ what: String) {
        guard !(-1...65535).contains(port.value) else { return }
        findings.refuse(.kind, port.place, "\(what) \(port.value) is not a port: -1 to 65535, where 0 and -1 are any")
    }

    private static func subnetProblem(_ text: String, family: String) -> String? {
        let parts = text.split(separator: ",", omittingEmptySubsequences: false)
        let subnets = parts.map { IPAddress.isSubnetOfVersion4($0) }
        if let wrong = zip(parts, subnets).first(where: { $0.1 == nil })?.0 {
            return "\"\(wrong)\" is not a CIDR, as 10.244.0.0/16"
        }
        let isVersion4 = subnets.compactMap { $0 }
        if family == "dual" {
            let isPair = isVersion4.count == 2 && isVersion4[0] != isVersion4[1]
            return isVersion4.count == 1 || isPair ? nil : "dual takes one CIDR, or one of each family"
        }
        guard isVersion4.count == 1 else { return "\(family) takes one CIDR; two are for ipFamily: dual" }
        return isVersion4[0] == (family == "ipv4") ? nil : "this CIDR is not of the family \(family)"
    }

    private func check(_ node: WrittenNode) {
        word(node.role, "role", Self.roles)
        for mapping in node.ports {
            port(mapping.host, "hostPort")
            port(mapping.container, "containerPort")
        }
        checkDoubles(node.ports)
    }

    /// One port of the host, address and protocol counted in, can be mapped once. `0.0.0.0` and `::` hold every address.
    private func checkDoubles(_ ports: [WrittenPort]) {
        var bound: [String: Set<String>] = [:]
        for port in ports where port.host.value > 0 {
            let written = port.address.value.isEmpty ? "0.0.0.0" : port.address.value
            guard let address = IPAddress(written) else {
                findings.refuse(.kind, port.address.place, "listenAddress \"\(written)\" is not an IP address")
                // kind looks no further either.
                return
            }
            let key = "\(port.host.value)/\(port.transport)"
            let taken = bound[key, default: []]
            let text = address.isUnspecified ? "any" : "\(address)"
            if taken.contains(text) || taken.contains("any") || text == "any" && !taken.isEmpty {
                let transport = port.transport.isEmpty ? "TCP" : port.transport
                findings.refuse(
                    .kind, port.place, "port \(port.host.value)/\(transport) of \(written) is mapped already")
            }
            bound[key, default: []].insert(text)
        }
    }
}
