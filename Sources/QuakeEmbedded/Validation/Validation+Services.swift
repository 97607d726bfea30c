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
        }
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
        repeated("nodePort") { problems.duplicate("spec.ports[\($0)].nodePort", $1["nodePort"] ?? 0) }
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
