import QuakeKube

extension Validation {
    static func service(_ object: JSONValue, _ old: JSONValue?, _ problems: inout FieldProblems) {
        let spec = object["spec"] ?? [:]
        let type = spec["type"]?.stringValue ?? ""
        let addresses = spec["clusterIPs"]?.arrayValue ?? []
        let isHeadless = addresses.first == "None"
        if let old { clusterIPs(spec, old["spec"] ?? [:], &problems) }
        let ports = spec["ports"]?.arrayValue ?? []
        if ports.isEmpty, !isHeadless, type != "ExternalName" { problems.required("spec.ports") }
        if isHeadless, type == "LoadBalancer" || type == "NodePort" {
            problems.invalid("spec.clusterIPs[0]", "None", "may not be set to 'None' for \(type) services")
        }
        if type == "ExternalName" { externalName(spec, &problems) }
        self.ports(ports, &problems)
        labels(spec["selector"], "spec.selector", &problems)
        problems.oneOf("spec.sessionAffinity", spec["sessionAffinity"], ["ClientIP", "None"])
        for (index, address) in addresses.enumerated() where address != "None" && type != "ExternalName" {
            if !isAddress(address.stringValue ?? "") {
                problems.invalid(
                    "spec.clusterIPs[\(index)]", address,
                    "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)")
            }
        }
        clients(spec, type, &problems)
        problems.oneOf("spec.type", spec["type"], ["ClusterIP", "ExternalName", "LoadBalancer", "NodePort"])
        portConflicts(ports, type, &problems)
        traffic(spec, type, &problems)
    }

    private static func clusterIPs(_ spec: JSONValue, _ old: JSONValue, _ problems: inout FieldProblems) {
        guard spec["type"]?.stringValue != "ExternalName", old["type"]?.stringValue != "ExternalName" else { return }
        let before = old["clusterIPs"]?.arrayValue ?? []
        let now = spec["clusterIPs"]?.arrayValue ?? []
        guard !before.isEmpty, before.first != now.first else { return }
        problems.invalid(
            "spec.clusterIPs[0]", spec["clusterIPs"],
            now.isEmpty ? "primary clusterIP can not be unset" : "may not change once set")
    }

    private static func externalName(_ spec: JSONValue, _ problems: inout FieldProblems) {
        for field in ["clusterIPs", "ipFamilies", "ipFamilyPolicy"] where spec[field] != nil {
            problems.forbidden("spec.\(field)", "may not be set for ExternalName services")
        }
        var name = spec["externalName"]?.stringValue ?? ""
        if name.hasSuffix(".") { name.removeLast() }
        if name.isEmpty {
            problems.required("spec.externalName")
        } else {
            problems.invalid("spec.externalName", .string(name), Names.dnsSubdomain(name))
        }
    }

    private static func ports(_ ports: [JSONValue], _ problems: inout FieldProblems) {
        var names: Set<String> = []
        for (index, port) in ports.enumerated() {
            let place = "spec.ports[\(index)]"
            let name = port["name"]?.stringValue ?? ""
            if name.isEmpty {
                if ports.count > 1 { problems.required("\(place).name") }
            } else {
                problems.invalid("\(place).name", .string(name), Names.dnsLabel(name))
                if !names.insert(name).inserted { problems.duplicate("\(place).name", .string(name)) }
            }
            problems.port("\(place).port", port["port"])
            problems.oneOf("\(place).protocol", port["protocol"], ["SCTP", "TCP", "UDP"])
            portNumberOrName("\(place).targetPort", port["targetPort"], &problems)
            if let name = port["appProtocol"]?.stringValue {
                problems.invalid("\(place).appProtocol", .string(name), Names.qualified(name))
            }
        }
    }

    /// Who may come, how, and to which addresses.
    private static func clients(_ spec: JSONValue, _ type: String, _ problems: inout FieldProblems) {
        if let seconds = spec[path: "sessionAffinityConfig.clientIP.timeoutSeconds"] {
            if spec["sessionAffinity"] == "None" {
                problems.forbidden("spec.sessionAffinityConfig", "must not be set when session affinity is None")
            } else if !(1...86_400).contains(seconds.intValue ?? 0) {
                problems.invalid(
                    "spec.sessionAffinityConfig.clientIP.timeoutSeconds", seconds,
                    "must be greater than 0 and less than 86400")
            }
        }
        for (index, family) in (spec["ipFamilies"]?.arrayValue ?? []).enumerated() {
            problems.oneOf("spec.ipFamilies[\(index)]", family, ["IPv4", "IPv6"])
        }
        for (index, address) in (spec["externalIPs"]?.arrayValue ?? []).enumerated()
        where !isAddress(address.stringValue ?? "") {
            problems.invalid(
                "spec.externalIPs[\(index)]", address, "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)")
        }
        let ranges = spec["loadBalancerSourceRanges"]?.arrayValue ?? []
        if !ranges.isEmpty, type != "LoadBalancer" {
            problems.forbidden("spec.LoadBalancerSourceRanges", "may only be used when `type` is 'LoadBalancer'")
        }
        for (index, range) in ranges.enumerated() where !isRange(range.stringValue ?? "") {
            problems.invalid(
                "spec.LoadBalancerSourceRanges[\(index)]", range,
                "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)")
        }
        if spec["loadBalancerClass"] != nil, type != "LoadBalancer" {
            problems.forbidden("spec.loadBalancerClass", "may only be used when `type` is 'LoadBalancer'")
        }
        if let distribution = spec["trafficDistribution"] {
            problems.oneOf(
                "spec.trafficDistribution", distribution, ["PreferClose", "PreferSameZone", "PreferSameNode"])
        }
    }

    private static func isRange(_ text: String) -> Bool {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2, let bits = Int(parts[1]) else { return false }
        return isAddress(parts[0]) && (0...(parts[0].contains(":") ? 128 : 32)).contains(bits)
    }

    private static func portConflicts(_ ports: [JSONValue], _ type: String, _ problems: inout FieldProblems) {
        if type == "ClusterIP" {
            for (index, port) in ports.enumerated() where (port["nodePort"]?.intValue ?? 0) != 0 {
                problems.forbidden("spec.ports[\(index)].nodePort", "may not be used when `type` is 'ClusterIP'")
            }
        }
        func repeated(_ field: String, _ tell: (Int, JSONValue) -> Void) {
            var seen: Set<String> = []
            for (index, port) in ports.enumerated() {
                guard let number = port[field]?.intValue, number != 0 || field == "port" else { continue }
                let text = "\(port["protocol"]?.stringValue ?? "")/\(number)"
                if !seen.insert(text).inserted { tell(index, port) }
            }
        }
        repeated("port") { index, port in
            let shown: JSONValue = [
                "Name": "", "Protocol": port["protocol"] ?? "", "AppProtocol": .null, "Port": port["port"] ?? 0,
                "TargetPort": 0, "NodePort": 0,
            ]
            problems.duplicate("spec.ports[\(index)]", shown)
        }
    }

    private static func traffic(_ spec: JSONValue, _ type: String, _ problems: inout FieldProblems) {
        let isOutside =
            type == "LoadBalancer" || type == "NodePort"
            || (type == "ClusterIP" && !(spec["externalIPs"]?.arrayValue ?? []).isEmpty)
        if spec["allocateLoadBalancerNodePorts"] != nil, type != "LoadBalancer" {
            problems.forbidden(
                "spec.allocateLoadBalancerNodePorts", "may only be used when `type` is 'LoadBalancer'")
        }
        let policy = spec["externalTrafficPolicy"]
        if isOutside {
            problems.oneOf("spec.externalTrafficPolicy", policy, ["Cluster", "Local"])
        } else if let policy, policy != "" {
            problems.invalid(
                "spec.externalTrafficPolicy", policy, "may only be set for externally-accessible services")
        }
        let checks = type == "LoadBalancer" && policy == "Local"
        if !checks, let port = spec["healthCheckNodePort"], port != 0 {
            problems.invalid(
                "spec.healthCheckNodePort", port,
                "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'")
        }
        if let inner = spec["internalTrafficPolicy"] {
            problems.oneOf("spec.internalTrafficPolicy", inner, ["Cluster", "Local"])
        }
    }

    private static func isAddress(_ text: String) -> Bool {
        if text.contains(":") { return text.wholeMatch(of: /[0-9a-fA-F:.]+/) != nil }
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts.allSatisfy { UInt8($0) != nil }
    }
}
