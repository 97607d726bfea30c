import QuakeYAML

/// The body of a plan, for one combination of the matrix.
extension PlanDecoder {
    mutating func cell(_ root: YAMLNode, labels: [String: String]) -> Cell {
        scope.labels = labels
        scope.settle = duration(root["settle"], "settle", positive: true) ?? scope.settle
        scope.restoreWithin = duration(root["restoreWithin"], "restoreWithin", positive: true) ?? scope.restoreWithin
        scope.traffic = traffic(root["traffic"])
        let steps = steps(root["steps"])
        return Cell(
            labels: labels, settings: settings(root, labels: labels), traffic: scope.traffic,
            hypothesis: hypothesis(root["hypothesis"]), steps: steps, settle: scope.settle,
            abort: abort(root["abort"]), always: always(root["always"]), restoreWithin: scope.restoreWithin,
            expectations: expectations(root["expect"]), facts: scope.facts)
    }

    private mutating func hypothesis(_ node: YAMLNode?) -> Hypothesis {
        guard let node, let fields = fields(node, "hypothesis", keys: ["baseline", "availability", "within"]) else {
            return Hypothesis()
        }
        let baseline = duration(fields["baseline"], "baseline", positive: true) ?? .seconds(10)
        let within = duration(fields["within"], "within", positive: true)
        if let within, within < baseline {
            report(
                "within: \(Quantity.text(within)) is shorter than the baseline, \(Quantity.text(baseline))",
                at: fields.place(of: "within"))
        }
        return Hypothesis(
            baseline: baseline, availability: share(fields["availability"], "availability") ?? 1, within: within)
    }

    private mutating func abort(_ node: YAMLNode?) -> AbortRule? {
        guard let node, let fields = fields(node, "abort", keys: ["outage"], required: ["outage"]) else { return nil }
        return duration(fields["outage"], "outage", positive: true).map(AbortRule.init)
    }

    private mutating func traffic(_ node: YAMLNode?) -> [Traffic] {
        guard let node, let nodes = list(node, "traffic") else { return [] }
        var kinds: [Traffic] = []
        for element in nodes {
            guard let traffic = oneTraffic(element) else { continue }
            if kinds.contains(where: { $0.name == traffic.name }) {
                report("traffic: the name \"\(traffic.name)\" is given twice", at: element["name"] ?? element)
            }
            kinds.append(traffic)
        }
        return kinds
    }

    private mutating func oneTraffic(_ node: YAMLNode) -> Traffic? {
        let keys = [
            "name", "url", "from", "to", "rate", "connections", "pooledConnections", "deadline", "timeout", "method",
            "headers", "body", "expectStatus", "caFile", "insecure",
        ]
        guard let fields = fields(node, "traffic", keys: keys, required: ["name", "url", "from", "to"]) else {
            return nil
        }
        let url = value(fields["url"], "url", expected: "a URL (allowed: http://HOST:PORT/PATH, https://…)") {
            Self.isURL($0) ? $0 : nil
        }
        var traffic = Traffic(
            name: kebab(fields["name"], "name") ?? "", url: url ?? "", from: cluster(fields["from"], "from") ?? "",
            to: cluster(fields["to"], "to") ?? "")
        if traffic.from == traffic.to, !traffic.from.isEmpty, let to = fields["to"] {
            report("to: \"\(traffic.to)\" is the cluster that the traffic comes from", at: to)
        }
        readRequests(fields, into: &traffic)
        readSecurity(fields, into: &traffic)
        readTimes(fields, into: &traffic)
        return traffic
    }

    private mutating func readRequests(_ fields: Fields, into traffic: inout Traffic) {
        let rate = value(fields["rate"], "rate", expected: "a rate above 0 (allowed: 50/s, 2.5/s, 600/m)") { text in
            Quantity.laneRate(text)
        }
        traffic.rate = rate ?? traffic.rate
        let methods = ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"]
        traffic.method = word(fields["method"], "method", among: methods) ?? traffic.method
        traffic.headers = dictionary(fields["headers"], "headers") ?? [:]
        traffic.body = text(fields["body"], "body")
        let status = integer(fields["expectStatus"], "expectStatus", atLeast: 200, atMost: 599)
        traffic.expectStatus = status ?? traffic.expectStatus
        let pooled = integer(fields["pooledConnections"], "pooledConnections", atLeast: 1, atMost: 1000)
        traffic.pooledConnections = pooled ?? traffic.pooledConnections
        guard let node = fields["connections"], texts(node, "connections") != nil else { return }
        traffic.connections = (node.sequence ?? []).compactMap { choice(ConnectionMode.self, $0, "connections") }
    }

    private mutating func readSecurity(_ fields: Fields, into traffic: inout Traffic) {
        traffic.insecure = boolean(fields["insecure"], "insecure") ?? false
        guard let node = fields["caFile"], let file = file(node, "caFile") else { return }
        traffic.caFile = file
        if !traffic.url.hasPrefix("https://") {
            report("caFile: only an https URL has a certificate to be verified", at: node)
        } else if traffic.insecure {
            report("caFile: with insecure: true nothing is verified", at: node)
        }
    }

    private mutating func readTimes(_ fields: Fields, into traffic: inout Traffic) {
        traffic.deadline = duration(fields["deadline"], "deadline", positive: true) ?? traffic.deadline
        traffic.timeout = duration(fields["timeout"], "timeout", positive: true) ?? traffic.timeout
        if traffic.deadline > traffic.timeout {
            let place = fields["deadline"] ?? fields.place(of: "timeout")
            report(
                "deadline: \(Quantity.text(traffic.deadline)) is above the time-out, "
                    + "\(Quantity.text(traffic.timeout)), which would cut it short", at: place)
        }
    }

    /// See ``Quantity/isURL(_:)``.
    static func isURL(_ text: String) -> Bool { Quantity.isURL(text) }
}

extension Quantity {
    /// `http://` or `https://`, a host without spaces, and perhaps more.
    package static func isURL(_ text: String) -> Bool {
        for scheme in ["http://", "https://"] where text.hasPrefix(scheme) {
            let rest = text.dropFirst(scheme.count)
            let authority = rest.prefix { !"/?#".contains($0) }
            let parts = authority.split(separator: ":", omittingEmptySubsequences: false)
            guard let host = parts.first, !host.isEmpty, parts.count <= 2 else { return false }
            let port = parts.count == 2 ? Int(parts[1]).map { (1...65535).contains($0) } ?? false : true
            return port && !text.contains { $0.isWhitespace }
        }
        return false
    }
}
