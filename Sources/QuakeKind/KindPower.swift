import QuakeBase
package import QuakeCluster
package import QuakePlan

/// The plugs of a kind cluster's nodes, which are containers of the same names.
package struct KindPower: NodePower {
    /// That of kind's nodes; see ``ContainerEngine/network(environment:)``.
    private let network: String
    private let engine: ContainerEngine

    package init(_ engine: ContainerEngine, network: String = "kind") {
        self.engine = engine
        self.network = network
    }

    /// What stands in a node's tables from the moment before it dies, so that no FIN and no RST escapes. Its network
    /// namespace, and they with it, ends with the container.
    private static let silence: [[String]] = [
        ["-t", "raw", "-I", "PREROUTING", "!", "-i", "lo", "-j", "DROP"],
        ["-t", "mangle", "-I", "POSTROUTING", "!", "-o", "lo", "-j", "DROP"],
    ]
    /// Where a disconnected node keeps the routes that it had.
    private static let routes = "/run/peerquake-routes"

    private static func tables(_ operation: String) -> String {
        silence.flatMap { rule in
            ["iptables", "ip6tables"].map { tool in
                ([tool, "-w", "5"] + rule.map { $0 == "-I" ? operation : $0 }).joined(separator: " ")
            }
        }.joined(separator: operation == "-I" ? " && " : " 2>/dev/null; ")
    }

    package func isWhole(_ node: String) async throws -> Bool {
        let state = try await engine.state(node)
        guard state.isRunning, !state.isPaused else { return false }
        if engine.rewires {
            guard state.networks[network] != nil else { return false }
        } else {
            let cut = try await engine.shell(node, "[ -f \(Self.routes) ] && echo cut || true")
            guard !cut.hasPrefix("cut") else { return false }
        }
        let kubelet = try await engine.shell(node, "systemctl is-active kubelet || true")
        guard kubelet.hasPrefix("active") else { return false }
        return try await engine.shell(node, "\(Self.tables("-C")); test $? -eq 0 && echo silent || true") != "silent\n"
    }

    @discardableResult
    package func kill(_ node: String, how: KillMethod) async throws -> EffectInterval {
        switch how {
        case .powerOff:
            // Silenced, it is gone to everybody else already.
            return try await EffectInterval.of {
                try await engine.shell(node, Self.tables("-I"))
            } then: {
                try await engine.run(["kill", "-s", "KILL", node])
            }
        case .killContainer: return try await EffectInterval.of { try await engine.run(["kill", "-s", "KILL", node]) }
        case .pause: return try await EffectInterval.of { try await engine.run(["pause", node]) }
        case .disconnect: return try await disconnect(node)
        case .stopKubelet:
            return try await EffectInterval.of {
                try await engine.shell(node, "systemctl stop kubelet", timeout: .seconds(60))
            }
        }
    }

    private func disconnect(_ node: String) async throws -> EffectInterval {
        let keep = "ip -4 route show | grep ' via ' > \(Self.routes) || true"
        guard engine.rewires else {
            // The same to everybody else: nothing comes and nothing goes.
            return try await EffectInterval.of { try await engine.shell(node, "\(keep); ip link set eth0 down") }
        }
        try await engine.shell(node, keep)
        let address = try await engine.state(node).networks[network] ?? ""
        return try await EffectInterval.of {
            try await engine.run(["network", "disconnect", network, node])
        } then: {
            try await engine.shell(node, Self.dropInterface(of: address))
        }
    }

    /// The engine takes the interface away by the name that it gave it: one that ``rejoin`` renamed after an earlier
    /// reconnection would stay, and the node with it on the network.
    static func dropInterface(of address: String) -> String {
        "ip -o -4 addr show | grep -F ' \(address)/' | while read -r _ name _; do ip link delete \"$name\"; done"
    }

    package func restore(_ node: String) async throws {
        var state = try await engine.state(node)
        if state.isPaused { try await engine.run(["unpause", node]) }
        if !engine.rewires {
            if state.isRunning { try await engine.shell(node, Self.raise) }
        } else if state.networks[network] == nil {
            // Before a start: a node's entrypoint ends where it finds no address.
            try await engine.run(["network", "connect", network, node])
            if state.isRunning { try await engine.shell(node, Self.rejoin) }
        }
        if !state.isRunning { try await engine.run(["start", node], timeout: .seconds(120)) }
        state = try await engine.state(node)
        guard state.isRunning else { throw KindError(.node, "\(node) was started and does not run") }
        try await awaitSystemd(node)
        try await engine.shell(node, "\(Self.tables("-D")) 2>/dev/null; true")
        try await engine.shell(node, "systemctl start kubelet", timeout: .seconds(60))
    }

    /// A reconnected container has its interface under another name and none of its routes.
    private static let rejoin = """
        set -e
        for path in /sys/class/net/eth*; do
          found=${path##*/}
          if [ "$found" != eth0 ]; then
            ip link set "$found" down; ip link set "$found" name eth0; ip link set eth0 up
          fi
        done
        if [ -f \(routes) ]; then
        \(reroute)
        fi
        """

    /// An interface that was set down comes back without its routes, too.
    private static let raise = """
        if [ -f \(routes) ]; then
          ip link set eth0 up
        \(reroute)
        fi
        """
    private static let reroute = """
          while read -r route; do ip route replace $route || true; done < \(routes)
          rm -f \(routes)
        """

    package func remove(_ node: String) async throws {
        try await engine.shell(node, "systemctl stop kubelet", timeout: .seconds(60))
        try await engine.shell(node, "crictl rmp --force --all >/dev/null 2>&1 || true", timeout: .seconds(60))
        // A fresh Node may get another pod range: kindnet's agent writes the file anew, and what it said must not serve
        // until then.
        try await engine.shell(
            node, "rm -rf /etc/cni/net.d/10-kindnet.conflist /var/lib/cni/networks /var/lib/cni/results")
        try await engine.run(["kill", "-s", "KILL", node])
    }

    package func provision(_ node: String) async throws { try await restore(node) }

    /// The IDs of the containers: one that was made anew has another.
    package func machines() async throws -> [String: String] { try await engine.containers() }

    @discardableResult
    package func restart(_ node: String) async throws -> EffectInterval {
        try await EffectInterval.of {
            try await engine.run(["restart", node], timeout: .seconds(180))
        } then: {
            try await awaitSystemd(node)
        }
    }

    /// `systemctl` refuses until systemd listens.
    private func awaitSystemd(_ node: String) async throws {
        do {
            try await poll(until: "\(node): systemd", within: .seconds(60), every: .milliseconds(200)) {
                () -> Look<Void> in
                let seen = try await engine.shell(node, "systemctl is-system-running 2>&1 || true")
                let isUp = ["running", "degraded", "starting"].contains(where: seen.hasPrefix)
                return isUp ? .met(()) : .notYet(seen)
            }
        } catch let timeout as PollTimeout {
            throw KindError(.timeout, "\(node): systemd does not answer 60 s after the start; seen: \(timeout.last)")
        }
    }
}
