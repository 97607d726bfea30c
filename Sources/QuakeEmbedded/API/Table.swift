import QuakeBase
import QuakeKube

/// Objects as the rows that `kubectl get` prints.
struct TableRenderer: Sendable {
    /// For ages, in Unix seconds.
    var now: Int64

    private struct Column {
        var name: String
        var type = "string"
        var priority = 0
        var cell: (JSONValue) -> JSONValue
    }

    /// - Parameter includeObject: `Object`, `Metadata` or `None`, as the query says.
    func table(
        of kind: ResourceKind, _ objects: [JSONValue], resourceVersion: String, includeObject: String,
        withColumns: Bool = true
    ) -> JSONValue {
        var table = head(of: kind, resourceVersion: resourceVersion, withColumns: withColumns)
        table["rows"] = .array(rows(of: kind, objects[...], includeObject: includeObject))
        return table
    }

    /// A table without its rows.
    func head(of kind: ResourceKind, resourceVersion: String, withColumns: Bool = true) -> JSONValue {
        let definitions = columns(of: kind).map { column -> JSONValue in
            [
                "name": .string(column.name), "type": .string(column.type),
                "format": column.name == "Name" ? "name" : "", "description": "",
                "priority": .int(Int64(column.priority)),
            ]
        }
        return [
            "kind": "Table", "apiVersion": "meta.k8s.io/v1", "metadata": ["resourceVersion": .string(resourceVersion)],
            "columnDefinitions": withColumns ? .array(definitions) : .null,
        ]
    }

    /// One row for each object.
    func rows(of kind: ResourceKind, _ objects: ArraySlice<JSONValue>, includeObject: String) -> [JSONValue] {
        let columns = columns(of: kind)
        return objects.map { object -> JSONValue in
            var row: JSONValue = ["cells": .array(columns.map { $0.cell(object) })]
            row["object"] = Self.reference(object, includeObject)
            return row
        }
    }

    private static func reference(_ object: JSONValue, _ includeObject: String) -> JSONValue? {
        switch includeObject {
        case "Object": return object
        case "None": return nil
        default:
            return [
                "kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": object.metadata,
            ]
        }
    }

    private func columns(of kind: ResourceKind) -> [Column] {
        let name = Column(name: "Name") { .string($0.name) }
        let age = Column(name: "Age") { .string(Age.text(since: $0, now: now)) }
        var columns = [name] + own(kind)
        switch kind.resource {
        case "events": columns[0].priority = 1
        case "nodes": columns.insert(age, at: 3)
        default: columns.append(age)
        }
        if kind == .priorityClasses {
            columns.append(Column(name: "PreemptionPolicy") { $0["preemptionPolicy"] ?? "" })
        }
        return columns + wide(kind)
    }

    private func own(_ kind: ResourceKind) -> [Column] {
        switch kind.resource {
        case "nodes":
            return [
                Column(name: "Status", cell: Cells.nodeStatus), Column(name: "Roles", cell: Cells.roles),
                Column(name: "Version") { NodeView($0).info["kubeletVersion"] ?? "" },
            ]
        case "pods":
            return [
                Column(name: "Ready", cell: Cells.podReady), Column(name: "Status", cell: Cells.podStatus),
                Column(name: "Restarts", cell: Cells.restarts),
            ]
        case "deployments":
            return [
                Column(name: "Ready") {
                    "\(Cells.number($0, "status.readyReplicas"))/\(Cells.number($0, "spec.replicas"))"
                },
                Column(name: "Up-to-date") { "\(Cells.number($0, "status.updatedReplicas"))" },
                Column(name: "Available") { "\(Cells.number($0, "status.availableReplicas"))" },
            ]
        case "replicasets":
            return [
                Column(name: "Desired") { .int(Cells.number($0, "spec.replicas")) },
                Column(name: "Current") { .int(Cells.number($0, "status.replicas")) },
                Column(name: "Ready") { .int(Cells.number($0, "status.readyReplicas")) },
            ]
        case "daemonsets":
            return [
                Column(name: "Desired") { .int(Cells.number($0, "status.desiredNumberScheduled")) },
                Column(name: "Current") { .int(Cells.number($0, "status.currentNumberScheduled")) },
                Column(name: "Ready") { .int(Cells.number($0, "status.numberReady")) },
                Column(name: "Up-to-date") { .int(Cells.number($0, "status.updatedNumberScheduled")) },
                Column(name: "Available") { .int(Cells.number($0, "status.numberAvailable")) },
                Column(name: "Node Selector") { _ in "<none>" },
            ]
        case "services":
            return [
                Column(name: "Type") { .string(ServiceView($0).type ?? "ClusterIP") },
                Column(name: "Cluster-IP") { .string(ServiceView($0).clusterIP ?? "None") },
                Column(name: "External-IP", cell: Cells.externalAddress), Column(name: "Port(s)", cell: Cells.ports),
            ]
        case "endpointslices":
            return [
                Column(name: "AddressType") { $0["addressType"] ?? "" },
                Column(name: "Ports", cell: Cells.slicePorts), Column(name: "Endpoints", cell: Cells.sliceEndpoints),
            ]
        case "poddisruptionbudgets":
            return [
                Column(name: "Min Available") { Cells.amount($0[path: "spec.minAvailable"]) },
                Column(name: "Max Unavailable") { Cells.amount($0[path: "spec.maxUnavailable"]) },
                Column(name: "Allowed Disruptions") { .int(Cells.number($0, "status.disruptionsAllowed")) },
            ]
        case "namespaces": return [Column(name: "Status") { $0[path: "status.phase"] ?? "Active" }]
        case "configmaps": return [Column(name: "Data") { .int(Int64($0["data"]?.objectValue?.count ?? 0)) }]
        case "secrets":
            return [
                Column(name: "Type") { $0["type"] ?? "Opaque" },
                Column(name: "Data") { .int(Int64($0["data"]?.objectValue?.count ?? 0)) },
            ]
        case "priorityclasses":
            return [
                Column(name: "Value") { $0["value"] ?? 0 },
                Column(name: "Global-Default") { $0["globalDefault"] ?? false },
            ]
        case "gateways":
            return [
                Column(name: "Class") { $0[path: "spec.gatewayClassName"] ?? "" },
                Column(name: "Address") { gateway in
                    let addresses = gateway[path: "status.addresses"]?.arrayValue ?? []
                    return .string(addresses.compactMap { $0["value"]?.stringValue }.joined(separator: ","))
                },
                Column(name: "Programmed") { .string($0.condition("Programmed") ?? "") },
            ]
        case "gatewayclasses":
            return [
                Column(name: "Controller") { $0[path: "spec.controllerName"] ?? "" },
                Column(name: "Accepted") { .string($0.condition("Accepted") ?? "") },
            ]
        case "horizontalpodautoscalers":
            return [
                Column(name: "Reference") { autoscaler in
                    let target = autoscaler[path: "spec.scaleTargetRef"] ?? .null
                    return .string("\(target["kind"]?.stringValue ?? "")/\(target["name"]?.stringValue ?? "")")
                },
                // Nobody measures what it would go by.
                Column(name: "Targets") { _ in "<unknown>" },
                Column(name: "MinPods") { .int(Cells.number($0, "spec.minReplicas")) },
                Column(name: "MaxPods") { .int(Cells.number($0, "spec.maxReplicas")) },
                Column(name: "Replicas") { .int(Cells.number($0, "status.currentReplicas")) },
            ]
        case "leases": return [Column(name: "Holder") { .string(LeaseView($0).holder) }]
        case "events":
            return [
                Column(name: "Last Seen") { .string(Age.text(stamp: $0["lastTimestamp"]?.stringValue, now: now)) },
                Column(name: "Type") { $0["type"] ?? "" }, Column(name: "Reason") { $0["reason"] ?? "" },
                Column(name: "Object", cell: Cells.involved), Column(name: "Message") { $0["message"] ?? "" },
            ]
        default: return []
        }
    }

    private func wide(_ kind: ResourceKind) -> [Column] {
        func column(_ name: String, _ cell: @escaping (JSONValue) -> JSONValue) -> Column {
            Column(name: name, priority: 1, cell: cell)
        }
        switch kind.resource {
        case "nodes":
            return [
                column("Internal-IP") { NodeView($0).addresses.first?["address"] ?? "<none>" },
                column("External-IP") { _ in "<none>" },
                column("OS-Image") { NodeView($0).info["osImage"] ?? "" },
                column("Kernel-Version") { NodeView($0).info["kernelVersion"] ?? "" },
                column("Container-Runtime") { NodeView($0).info["containerRuntimeVersion"] ?? "" },
            ]
        case "pods":
            return [
                column("IP") { .string(PodView($0).ip ?? "<none>") },
                column("Node") { .string(PodView($0).node ?? "<none>") },
                column("Nominated Node") { _ in "<none>" },
                column("Readiness Gates") { _ in "<none>" },
            ]
        case "deployments", "replicasets", "daemonsets":
            return [
                column("Containers", Cells.containerNames), column("Images", Cells.images),
                column("Selector", Cells.selector),
            ]
        case "services": return [column("Selector") { Cells.labels($0[path: "spec.selector"]) }]
        default: return []
        }
    }
}

/// What stands in the cells.
private enum Cells {
    static func number(_ object: JSONValue, _ path: String) -> Int64 { Int64(object[path: path]?.intValue ?? 0) }

    static func amount(_ value: JSONValue?) -> JSONValue {
        switch value {
        case .int(let number)?: .string(String(number))
        case .string(let text)?: .string(text)
        default: "N/A"
        }
    }

    static func nodeStatus(_ node: JSONValue) -> JSONValue {
        let ready = NodeView(node).isReady ? "Ready" : "NotReady"
        return .string(NodeView(node).isCordoned ? "\(ready),SchedulingDisabled" : ready)
    }

    static func roles(_ node: JSONValue) -> JSONValue {
        let prefix = WellKnown.rolePrefix
        let roles = node.labels.keys.filter { $0.hasPrefix(prefix) }.map { $0.dropFirst(prefix.count) }.sorted()
        return .string(roles.isEmpty ? "<none>" : roles.joined(separator: ","))
    }

    static func podReady(_ pod: JSONValue) -> JSONValue {
        let (statuses, containers) = (PodView(pod).containerStatuses, PodView(pod).containers.count)
        return .string("\(statuses.count { $0["ready"]?.boolValue == true })/\(containers)")
    }

    static func podStatus(_ pod: JSONValue) -> JSONValue {
        let pod = PodView(pod)
        if pod.isBeingDeleted { return "Terminating" }
        let phase = pod.phase ?? "Unknown"
        let waits = pod.node != nil && phase == "Pending"
        return .string(waits ? "ContainerCreating" : phase == "Succeeded" ? "Completed" : phase)
    }

    static func restarts(_ pod: JSONValue) -> JSONValue {
        let counts = PodView(pod).containerStatuses.compactMap { $0["restartCount"]?.intValue }
        return .string(String(counts.reduce(0, +)))
    }

    static func externalAddress(_ service: JSONValue) -> JSONValue {
        guard ServiceView(service).type == "LoadBalancer" else { return "<none>" }
        return .string(ServiceView(service).ingressIP ?? "<pending>")
    }

    static func ports(_ service: JSONValue) -> JSONValue {
        let ports = ServiceView(service).ports.map { port -> String in
            let node = port["nodePort"]?.intValue.map { ":\($0)" } ?? ""
            return "\(port["port"]?.intValue ?? 0)\(node)/\(port["protocol"]?.stringValue ?? "TCP")"
        }
        return .string(ports.isEmpty ? "<none>" : ports.joined(separator: ","))
    }

    static func slicePorts(_ slice: JSONValue) -> JSONValue {
        .string((slice["ports"]?.arrayValue ?? []).map { "\($0["port"]?.intValue ?? 0)" }.joined(separator: ","))
    }

    static func sliceEndpoints(_ slice: JSONValue) -> JSONValue {
        let addresses = EndpointView.all(of: slice).compactMap(\.address)
        let shown = addresses.prefix(3).joined(separator: ",")
        return .string(
            addresses.isEmpty ? "<unset>" : addresses.count > 3 ? "\(shown) + \(addresses.count - 3) more..." : shown)
    }

    static func involved(_ event: JSONValue) -> JSONValue {
        let kind = event[path: "involvedObject.kind"]?.stringValue?.lowercased() ?? ""
        return .string("\(kind)/\(event[path: "involvedObject.name"]?.stringValue ?? "")")
    }

    private static func containers(_ object: JSONValue) -> [JSONValue] {
        object[path: "spec.template.spec.containers"]?.arrayValue ?? []
    }

    static func containerNames(_ object: JSONValue) -> JSONValue {
        .string(containers(object).compactMap { $0["name"]?.stringValue }.joined(separator: ","))
    }

    static func images(_ object: JSONValue) -> JSONValue {
        .string(containers(object).compactMap { $0["image"]?.stringValue }.joined(separator: ","))
    }

    static func selector(_ object: JSONValue) -> JSONValue { labels(object[path: "spec.selector.matchLabels"]) }

    static func labels(_ value: JSONValue?) -> JSONValue {
        let pairs = (value?.stringMembers ?? [:]).sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        return .string(pairs.isEmpty ? "<none>" : pairs.joined(separator: ","))
    }
}

/// Ages as kubectl's servers write them.
enum Age {
    static func text(since object: JSONValue, now: Int64) -> String {
        text(stamp: object.metadata["creationTimestamp"]?.stringValue, now: now)
    }

    static func text(stamp: String?, now: Int64) -> String {
        guard let stamp, let then = Timestamp.seconds(stamp) else { return "<unknown>" }
        let age = max(0, now - then)
        switch age {
        case ..<120: return "\(age)s"
        case ..<600: return age % 60 == 0 ? "\(age / 60)m" : "\(age / 60)m\(age % 60)s"
        case ..<10_800: return "\(age / 60)m"
        case ..<28_800: return age % 3600 < 60 ? "\(age / 3600)h" : "\(age / 3600)h\(age % 3600 / 60)m"
        case ..<172_800: return "\(age / 3600)h"
        default: return "\(age / 86_400)d"
        }
    }
}
