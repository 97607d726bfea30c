import QuakeKube
import QuakeSim

/// Addresses and ports that the API server and the cloud hand out.
extension ClusterCore {
    /// What was handed out stays with a Service that does not say otherwise, and goes with a type that has no use for it.
    static func keepAllocated(_ next: inout JSONValue, of present: JSONValue) {
        let old = present["spec"] ?? [:]
        guard var spec = next["spec"] else { return }
        let wasOutside = isOutside(old), isOutside = isOutside(spec)
        let hasAddress = spec["type"]?.stringValue != "ExternalName"
        if !hasAddress, old["type"] != spec["type"] {
            for field in ["clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy", "internalTrafficPolicy"]
            where spec[field] == old[field] {
                spec[field] = nil
            }
        }
        if hasAddress, spec["clusterIP"] == nil { spec["clusterIP"] = old["clusterIP"] }
        if hasAddress, spec["clusterIPs"] == nil || spec["clusterIPs"] == old["clusterIPs"] {
            spec["clusterIPs"] =
                spec["clusterIP"] == old["clusterIP"] ? old["clusterIPs"] : spec["clusterIP"].map { [$0] }
        }
        let oldPorts = old["ports"]?.arrayValue ?? []
        if let ports = spec["ports"]?.arrayValue {
            spec["ports"] = .array(
                ports.map { port in
                    let before = oldPorts.first {
                        $0["port"] == port["port"] && $0["protocol"] == port["protocol"] ?? "TCP"
                    }
                    var copy = port
                    if isOutside, wasOutside, port["nodePort"] == nil { copy["nodePort"] = before?["nodePort"] }
                    if !isOutside, wasOutside, port["nodePort"] == before?["nodePort"] { copy["nodePort"] = nil }
                    return copy
                })
        }
        for field in ["externalTrafficPolicy", "allocateLoadBalancerNodePorts", "healthCheckNodePort"]
        where old["type"] != spec["type"] && spec[field] == old[field] {
            if field == "externalTrafficPolicy", isOutside { continue }
            spec[field] = nil
        }
        if checksHealth(spec), checksHealth(old), spec["healthCheckNodePort"] == nil {
            spec["healthCheckNodePort"] = old["healthCheckNodePort"]
        }
        if !checksHealth(spec), spec["healthCheckNodePort"] == old["healthCheckNodePort"] {
            spec["healthCheckNodePort"] = nil
        }
        next["spec"] = spec
    }

    private static func isOutside(_ spec: JSONValue) -> Bool {
        ["NodePort", "LoadBalancer"].contains(spec["type"]?.stringValue ?? "")
    }

    private static func checksHealth(_ spec: JSONValue) -> Bool {
        spec["type"]?.stringValue == "LoadBalancer" && spec["externalTrafficPolicy"]?.stringValue == "Local"
    }

    /// - Throws: 422 for a port that another Service has, or that is out of range.
    func allocate(_ object: inout JSONValue, _ key: ObjectKey) throws(APIStatus) {
        var spec = object["spec"] ?? [:]
        if spec["type"]?.stringValue == "ExternalName" { return }
        if spec["clusterIP"]?.stringValue == nil {
            let address = addresses.service(nextService)
            nextService += 1
            spec["clusterIP"] = .string(address)
            spec["clusterIPs"] = [.string(address)]
        }
        if Self.isOutside(spec) { try allocateNodePorts(&spec, key) }
        if Self.checksHealth(spec), spec["healthCheckNodePort"]?.intValue == nil {
            spec["healthCheckNodePort"] = .int(Int64(freeNodePort()))
        }
        object["spec"] = spec
        if spec["type"]?.stringValue == "LoadBalancer" {
            if object.at("status", "loadBalancer", "ingress", 0, "ip") == nil {
                let address = addresses.loadBalancer(nextLoadBalancer)
                nextLoadBalancer += 1
                object["status"] = ["loadBalancer": ["ingress": [["ip": .string(address), "ipMode": "VIP"]]]]
            }
        } else {
            object["status"] = ["loadBalancer": [:]]
        }
    }

    private func allocateNodePorts(_ spec: inout JSONValue, _ key: ObjectKey) throws(APIStatus) {
        var problems = FieldProblems()
        let others = nodePorts { $0 != key }
        var own: Set<String> = []
        let ports = (spec["ports"]?.arrayValue ?? []).enumerated().map { index, port -> JSONValue in
            var copy = port
            let place = "spec.ports[\(index)].nodePort"
            switch port["nodePort"]?.intValue ?? 0 {
            case 0: copy["nodePort"] = .int(Int64(freeNodePort()))
            case let wanted where !(30_000...32_767).contains(wanted):
                problems.invalid(
                    place, port["nodePort"],
                    "provided port is not in the valid range. The range of valid ports is 30000-32767")
            case let wanted
            where others.contains(wanted) || !own.insert("\(port["protocol"]?.stringValue ?? "")/\(wanted)").inserted:
                problems.invalid(place, port["nodePort"], "provided port is already allocated")
            default: break
            }
            return copy
        }
        if !problems.all.isEmpty { throw .invalid(.services, key.name, problems.all) }
        spec["ports"] = .array(ports)
    }

    private func nodePorts(where wanted: (ObjectKey) -> Bool) -> Set<Int> {
        Set(
            store.list(.services, namespace: nil).filter { wanted(ObjectKey($0.namespace, $0.name)) }.flatMap {
                object in
                let service = ServiceView(object)
                return service.ports.compactMap { $0["nodePort"]?.intValue } + [service.healthCheckNodePort ?? 0]
            })
    }

    private func freeNodePort() -> Int {
        let taken = nodePorts { _ in true }
        while true {
            let port = Int.random(in: 30_000...32_767, using: &generator)
            if !taken.contains(port) { return port }
        }
    }
}
