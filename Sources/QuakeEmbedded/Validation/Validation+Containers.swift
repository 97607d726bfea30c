import QuakeKube
import QuakeSim

extension Validation {
    static func containers(
        _ containers: [JSONValue], _ path: String, _ volumes: Set<String>, _ grace: Int, taken: Set<String> = [],
        _ problems: inout FieldProblems
    ) {
        var names = taken
        for (index, container) in containers.enumerated() {
            let place = "\(path)[\(index)]"
            let name = container["name"]?.stringValue ?? ""
            common(container, name, place, volumes, &problems)
            if !names.insert(name).inserted { problems.duplicate("\(place).name", .string(name)) }
            for hook in ["postStart", "preStop"] {
                guard let handler = container[path: "lifecycle.\(hook)"] else { continue }
                self.handler(handler, "\(place).lifecycle.\(hook)", grace, &problems)
            }
            for probe in ["livenessProbe", "readinessProbe", "startupProbe"] {
                guard let value = container[probe] else { continue }
                self.probe(value, "\(place).\(probe)", probe, &problems)
            }
        }
        hostPorts(containers, path, &problems)
    }

    private static func common(
        _ container: JSONValue, _ name: String, _ place: String, _ volumes: Set<String>,
        _ problems: inout FieldProblems
    ) {
        if name.isEmpty {
            problems.required("\(place).name")
        } else {
            problems.invalid("\(place).name", .string(name), Names.dnsLabel(name))
        }
        if (container["image"]?.stringValue ?? "").isEmpty { problems.required("\(place).image") }
        problems.oneOf(
            "\(place).terminationMessagePolicy", container["terminationMessagePolicy"],
            ["File", "FallbackToLogsOnError"])
        ports(container["ports"]?.arrayValue ?? [], "\(place).ports", &problems)
        variables(container["env"]?.arrayValue ?? [], "\(place).env", &problems)
        mounts(container["volumeMounts"]?.arrayValue ?? [], "\(place).volumeMounts", volumes, &problems)
        problems.oneOf("\(place).imagePullPolicy", container["imagePullPolicy"], ["Always", "IfNotPresent", "Never"])
        resources(container["resources"] ?? [:], "\(place).resources", &problems)
    }

    private static func ports(_ ports: [JSONValue], _ path: String, _ problems: inout FieldProblems) {
        var names: Set<String> = []
        for (index, port) in ports.enumerated() {
            let place = "\(path)[\(index)]"
            if let name = port["name"]?.stringValue, !name.isEmpty {
                let wrong = Names.portName(name)
                problems.invalid("\(place).name", .string(name), wrong)
                if wrong.isEmpty, !names.insert(name).inserted {
                    problems.duplicate("\(place).name", .string(name))
                }
            }
            if (port["containerPort"]?.intValue ?? 0) == 0 {
                problems.required("\(place).containerPort")
            } else {
                problems.port("\(place).containerPort", port["containerPort"])
            }
            if (port["hostPort"]?.intValue ?? 0) != 0 { problems.port("\(place).hostPort", port["hostPort"]) }
            problems.oneOf("\(place).protocol", port["protocol"], ["SCTP", "TCP", "UDP"])
        }
    }

    private static func hostPorts(_ containers: [JSONValue], _ path: String, _ problems: inout FieldProblems) {
        var taken: Set<String> = []
        for (index, container) in containers.enumerated() {
            for (number, port) in (container["ports"]?.arrayValue ?? []).enumerated() {
                guard let host = port["hostPort"]?.intValue, host != 0 else { continue }
                let text = "\(port["protocol"]?.stringValue ?? "")/\(port["hostIP"]?.stringValue ?? "")/\(host)"
                if !taken.insert(text).inserted {
                    problems.duplicate("\(path)[\(index)].ports[\(number)].hostPort", .string(text))
                }
            }
        }
    }

    static func hostNetworkPorts(_ containers: [JSONValue], _ path: String, _ problems: inout FieldProblems) {
        for (index, container) in containers.enumerated() {
            for (number, port) in (container["ports"]?.arrayValue ?? []).enumerated()
            where port["hostPort"] != port["containerPort"] {
                problems.invalid(
                    "\(path)[\(index)].ports[\(number)].hostPort", port["hostPort"] ?? 0,
                    "must match `containerPort` when `hostNetwork` is true")
            }
        }
    }

    private static func variables(_ variables: [JSONValue], _ path: String, _ problems: inout FieldProblems) {
        for (index, variable) in variables.enumerated() {
            let place = "\(path)[\(index)]"
            let name = variable["name"]?.stringValue ?? ""
            if name.isEmpty {
                problems.required("\(place).name")
            } else {
                problems.invalid("\(place).name", .string(name), Names.variable(name))
            }
            guard let source = variable["valueFrom"] else { continue }
            if (source.objectValue ?? [:]).isEmpty {
                problems.invalid(
                    "\(place).valueFrom", "",
                    "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`"
                )
            } else if !(variable["value"]?.stringValue ?? "").isEmpty {
                problems.invalid("\(place).valueFrom", "", "may not be specified when `value` is not empty")
            }
        }
    }

    private static func mounts(
        _ mounts: [JSONValue], _ path: String, _ volumes: Set<String>, _ problems: inout FieldProblems
    ) {
        var paths: Set<String> = []
        for (index, mount) in mounts.enumerated() {
            let place = "\(path)[\(index)]"
            let name = mount["name"]?.stringValue ?? ""
            let target = mount["mountPath"]?.stringValue ?? ""
            if name.isEmpty { problems.required("\(place).name") }
            if !volumes.contains(name) { problems.notFound("\(place).name", .string(name)) }
            if target.isEmpty { problems.required("\(place).mountPath") }
            if !paths.insert(target).inserted {
                problems.invalid("\(place).mountPath", .string(target), "must be unique")
            }
        }
    }

    private static func resources(_ resources: JSONValue, _ path: String, _ problems: inout FieldProblems) {
        let limits = (resources["limits"]?.objectValue ?? [:]).mapValues(Quantity.init)
        let requests = (resources["requests"]?.objectValue ?? [:]).mapValues(Quantity.init)
        func negative(_ list: String, _ name: String, _ quantity: Quantity?) {
            guard let quantity, quantity.value < 0 else { return }
            problems.invalid(
                "\(path).\(list)[\(name)]", .string(quantity.text), "must be greater than or equal to 0")
        }
        for (name, limit) in limits.sorted(by: { $0.key < $1.key }) { negative("limits", name, limit) }
        for (name, request) in requests.sorted(by: { $0.key < $1.key }) {
            negative("requests", name, request)
            guard let request, let limit = limits[name] ?? nil, request > limit else { continue }
            problems.invalid(
                "\(path).requests", .string(request.text),
                "must be less than or equal to \(name) limit of \(limit.text)")
        }
    }

    // MARK: - Handlers and probes

    private static func handler(
        _ handler: JSONValue, _ path: String, _ grace: Int, _ problems: inout FieldProblems
    ) {
        let given = ["exec", "httpGet", "tcpSocket", "grpc", "sleep"].filter { handler[$0] != nil }
        if given.isEmpty { problems.required(path, "must specify a handler type") }
        for name in given.dropFirst() {
            problems.forbidden("\(path).\(name)", "may not specify more than 1 handler type")
        }
        switch given.first {
        case "exec":
            if (handler[path: "exec.command"]?.arrayValue ?? []).isEmpty { problems.required("\(path).exec.command") }
        case "httpGet": portNumberOrName("\(path).httpGet.port", handler[path: "httpGet.port"], &problems)
        case "tcpSocket": portNumberOrName("\(path).tcpSocket.port", handler[path: "tcpSocket.port"], &problems)
        case "sleep":
            let seconds = handler[path: "sleep.seconds"]?.intValue ?? 0
            if !(0...max(0, grace)).contains(seconds) {
                problems.invalid(
                    "\(path).sleep", .int(Int64(seconds)),
                    "must be non-negative and less than terminationGracePeriodSeconds (\(grace))")
            }
        default: break
        }
    }

    private static func probe(
        _ probe: JSONValue, _ path: String, _ name: String, _ problems: inout FieldProblems
    ) {
        handler(probe, path, 30, &problems)
        for field in [
            "initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold",
        ] {
            problems.nonNegative("\(path).\(field)", probe[field])
        }
        if name != "readinessProbe", let successes = probe["successThreshold"]?.intValue, successes > 1 {
            problems.invalid("\(path).successThreshold", probe["successThreshold"], "must be 1")
        }
    }

    static func portNumberOrName(_ path: String, _ value: JSONValue?, _ problems: inout FieldProblems) {
        if let name = value?.stringValue {
            problems.invalid(path, .string(name), Names.portName(name))
        } else {
            problems.port(path, value)
        }
    }
}
