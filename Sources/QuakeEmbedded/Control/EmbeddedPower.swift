import QuakeBase
package import QuakeCluster
package import QuakeKube
package import QuakePlan

/// The plugs of an embedded cluster, pulled over its control API.
package struct EmbeddedPower: NodePower {
    private let kube: KubeClient

    package init(_ kube: KubeClient) { self.kube = kube }

    private func path(_ node: String) -> String {
        "/peerquake.dev/v1/nodes/\(PercentEncoding.segment(node))/power"
    }

    private func put(_ node: String, _ action: String) async throws {
        _ = try await kube.raw("PUT", path(node), body: JSONValue(["action": action]).serialized())
    }

    package func isWhole(_ node: String) async throws -> Bool {
        let state = try JSONValue(parsing: try await kube.raw("GET", path(node)).body)
        return state["on"]?.boolValue == true && state["paused"]?.boolValue == false
            && state["connected"]?.boolValue == true && state["kubelet"]?.boolValue == true
    }

    @discardableResult
    package func kill(_ node: String, how: KillMethod) async throws -> EffectInterval {
        try await EffectInterval.of { try await put(node, how.rawValue) }
    }

    package func restore(_ node: String) async throws {
        if try await isWhole(node) { return }
        try await put(node, "start")
    }

    package func remove(_ node: String) async throws { try await put(node, KillMethod.killContainer.rawValue) }

    package func provision(_ node: String) async throws { try await put(node, "provision") }

    @discardableResult
    package func restart(_ node: String) async throws -> EffectInterval {
        try await EffectInterval.of {
            try await put(node, KillMethod.killContainer.rawValue)
        } then: {
            try await put(node, "start")
        }
    }
}

/// The controller manager of an embedded cluster.
package struct EmbeddedControlPlane: ControlPlane {
    private static let path = "/peerquake.dev/v1/controller-manager"
    private let kube: KubeClient

    package init(_ kube: KubeClient) { self.kube = kube }

    private func state() async throws -> JSONValue {
        try JSONValue(parsing: try await kube.raw("GET", Self.path).body)
    }

    package func controllerManagerFlags() async throws -> [String: String] {
        try await state()["flags"]?.stringMembers ?? [:]
    }

    @discardableResult
    package func setControllerManagerFlags(_ flags: [String: String]) async throws -> EffectInterval? {
        let body: JSONValue = ["flags": JSONValue(flags)]
        return try await EffectInterval.of {
            _ = try await kube.raw("PUT", Self.path, body: body.serialized())
        } then: {
            try await awaitLeader()
        }
    }

    private func awaitLeader() async throws {
        do {
            try await poll(until: "a leading controller manager", within: .seconds(120), every: .milliseconds(100)) {
                () -> Look<Void> in
                let leads = try await state()["leads"]
                return leads?.boolValue == true ? .met(()) : .notYet("leads: \(leads?.text() ?? "absent")")
            }
        } catch let timeout as PollTimeout {
            throw ClusterError(
                .timeout, "no controller manager leads 120 s after its flags were changed; seen: \(timeout.last)")
        }
    }
}
