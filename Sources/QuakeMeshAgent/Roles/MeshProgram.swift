import QuakeBase
package import QuakeKube
import QuakeMesh

/// What the agent's image does, by its first argument and its environment: the same in a pod and in process.
package enum MeshProgram {
    /// The roles that a container may have.
    package enum Role: String, Sendable, CaseIterable {
        case echo, gateway, balancer, istiod, loadbalancer
    }

    /// Starts a role; it runs when this returns.
    ///
    /// Settings come from `PEERQUAKE_…` variables: `CLUSTER`, `NODE`, `POD`, `POD_IP` of every role; `BACKEND`
    /// (`namespace/service:port`) and `DRAIN` of the gateway; `PEER`, `SERVICE` (`namespace/name`), `GATEWAY_ADDRESS` and
    /// `ISTIOD_ADDRESS` (`address:port`), `TOKEN`, `KEEPALIVE`, `KEEPALIVE_TIMEOUT`, `TUNNELS`, `INNER_TUNNELS` and
    /// `TUNNEL_STREAMS` of a balancer; `TUNNEL_CONNECT_TIMEOUT`, `TUNNEL_PING_INTERVAL`, `TUNNEL_PING_TIMEOUT` and `TUNNEL_IDLE_RELEASE` of
    /// both; `GATEWAY`
    /// (`namespace/service`) and `TOKEN` of istiod; `SERVICE`, `ADDRESS`, `CHECK_INTERVAL`, `CHECK_TIMEOUT`,
    /// `CHECK_THRESHOLD`, `CONNECT_TIMEOUT` and `ADMIN_PORT` of a load balancer; `SOURCE_PORT_REST` of both balancers.
    ///
    /// - Throws: ``SettingError`` for a setting that is missing or wrong; whatever the network throws.
    package static func start(
        _ role: Role, environment: [String: String], kube: KubeClient?, on network: any MeshNetwork
    ) async throws -> any MeshRole {
        let settings = MeshSettings(environment)
        let pod = PodIdentity(
            cluster: try settings.text("CLUSTER"), node: environment["PEERQUAKE_NODE"] ?? "",
            pod: environment["PEERQUAKE_POD"] ?? "", address: environment["PEERQUAKE_POD_IP"] ?? "0.0.0.0")
        if role == .echo { return try await Echo(pod, on: network) }
        guard let kube else { throw SettingError("no API server to watch") }
        switch role {
        case .echo, .gateway:
            return try await Gateway(pod, try settings.gateway(), kube: kube, on: network)
        case .balancer: return try await Balancer(pod, try settings.balancer(), kube: kube, on: network)
        case .istiod: return try await Istiod(pod, try settings.istiod(), kube: kube, on: network)
        case .loadbalancer:
            return try await LoadBalancer(try settings.loadBalancer(cluster: pod.cluster), kube: kube, on: network)
        }
    }
}

/// Reads settings out of an environment.
struct MeshSettings {
    private let environment: [String: String]

    init(_ environment: [String: String]) { self.environment = environment }

    func text(_ name: String) throws(SettingError) -> String {
        guard let value = environment["PEERQUAKE_\(name)"], !value.isEmpty else {
            throw SettingError("PEERQUAKE_\(name) is not set")
        }
        return value
    }

    private func duration(_ name: String, else fallback: Duration) throws(SettingError) -> Duration {
        guard let value = environment["PEERQUAKE_\(name)"] else { return fallback }
        // None of these may be negative: a sign is refused.
        guard let duration = (try? GoDuration.parts(value)).flatMap(GoDuration.sum) else {
            throw SettingError("PEERQUAKE_\(name): \"\(value)\" is not a duration (for example 500ms)")
        }
        return duration
    }

    /// `namespace/name`.
    private func object(_ name: String) throws(SettingError) -> (namespace: String, name: String) {
        let parts = try text(name).split(separator: "/").map(String.init)
        guard parts.count == 2 else { throw SettingError("PEERQUAKE_\(name) is not namespace/name") }
        return (parts[0], parts[1])
    }

    /// `host:port`.
    private func endpoint(_ text: String, _ name: String) throws(SettingError) -> (host: String, port: Int) {
        let parts = text.split(separator: ":").map(String.init)
        guard parts.count == 2, let port = Int(parts[1]) else {
            throw SettingError("PEERQUAKE_\(name): \"\(text)\" is not host:port")
        }
        return (parts[0], port)
    }

    func gateway() throws(SettingError) -> Gateway.Settings {
        let (namespace, rest) = try object("BACKEND")
        let (service, port) = try endpoint(rest, "BACKEND")
        let times = try tunnelTimes()
        return Gateway.Settings(
            backendNamespace: namespace, backendService: service, backendPort: port,
            drain: try duration("DRAIN", else: times.drain(gracePeriod: gracePeriod())), tunnelTimes: times)
    }

    /// Of the pod, as Istio's charts give it to ztunnel and to gateways; `nil` where it is not set.
    private func gracePeriod() throws(SettingError) -> Duration? {
        let name = "TERMINATION_GRACE_PERIOD_SECONDS"
        guard let value = environment[name] else { return nil }
        guard let seconds = Int(value), seconds >= 0 else {
            throw SettingError("\(name): \"\(value)\" is not a number of seconds")
        }
        return .seconds(seconds)
    }

    private func tunnelTimes() throws(SettingError) -> TunnelTimes {
        let usual = TunnelTimes()
        return TunnelTimes(
            connectTimeout: try duration("TUNNEL_CONNECT_TIMEOUT", else: usual.connectTimeout),
            pingInterval: try duration("TUNNEL_PING_INTERVAL", else: usual.pingInterval),
            pingTimeout: try duration("TUNNEL_PING_TIMEOUT", else: usual.pingTimeout),
            idleRelease: try duration("TUNNEL_IDLE_RELEASE", else: usual.idleRelease))
    }

    private func tunnelMode() throws(SettingError) -> TunnelMode {
        guard let value = environment["PEERQUAKE_TUNNELS"] else { return .shared }
        guard let mode = TunnelMode(rawValue: value) else {
            let known = TunnelMode.allCases.map(\.rawValue).joined(separator: ", ")
            throw SettingError("PEERQUAKE_TUNNELS: \"\(value)\" is not one of \(known)")
        }
        return mode
    }

    private func flag(_ name: String, else fallback: Bool) throws(SettingError) -> Bool {
        guard let value = environment["PEERQUAKE_\(name)"] else { return fallback }
        guard let flag = Bool(value) else {
            throw SettingError("PEERQUAKE_\(name): \"\(value)\" is neither true nor false")
        }
        return flag
    }

    private func streamLimit() throws(SettingError) -> Int {
        guard let value = environment["PEERQUAKE_TUNNEL_STREAMS"] else { return 100 }
        guard let limit = Int(value), limit > 0 else {
            throw SettingError("PEERQUAKE_TUNNEL_STREAMS: \"\(value)\" is not a number of 1 or more")
        }
        return limit
    }

    func balancer() throws(SettingError) -> Balancer.Settings {
        let (namespace, service) = try object("SERVICE")
        let gateway = try endpoint(try text("GATEWAY_ADDRESS"), "GATEWAY_ADDRESS")
        let istiod = try endpoint(try text("ISTIOD_ADDRESS"), "ISTIOD_ADDRESS")
        let stream = TargetStream.Settings(
            host: istiod.host, port: istiod.port, token: try text("TOKEN"),
            keepalive: try duration("KEEPALIVE", else: .seconds(30)),
            keepaliveTimeout: try duration("KEEPALIVE_TIMEOUT", else: .seconds(10)))
        return Balancer.Settings(
            peer: try text("PEER"), serviceNamespace: namespace, serviceName: service, gatewayAddress: gateway.host,
            gatewayPort: gateway.port, stream: stream, tunnels: try tunnelMode(), tunnelTimes: try tunnelTimes(),
            hasInnerTunnels: try flag("INNER_TUNNELS", else: true), streamLimit: try streamLimit(),
            sourcePortRest: try duration("SOURCE_PORT_REST", else: .seconds(130)))
    }

    func istiod() throws(SettingError) -> Istiod.Settings {
        let (namespace, service) = try object("GATEWAY")
        return Istiod.Settings(gatewayNamespace: namespace, gatewayService: service, token: try text("TOKEN"))
    }

    func loadBalancer(cluster: String) throws(SettingError) -> LoadBalancer.Settings {
        let (namespace, service) = try object("SERVICE")
        return LoadBalancer.Settings(
            namespace: namespace, service: service, cluster: cluster, address: try text("ADDRESS"),
            connectTimeout: try duration("CONNECT_TIMEOUT", else: .seconds(3)),
            interval: try duration("CHECK_INTERVAL", else: .seconds(2)),
            timeout: try duration("CHECK_TIMEOUT", else: .seconds(3)),
            unhealthyAfter: environment["PEERQUAKE_CHECK_THRESHOLD"].flatMap { Int($0) } ?? 2,
            sourcePortRest: try duration("SOURCE_PORT_REST", else: .seconds(130)),
            adminPort: try port("ADMIN_PORT", else: AdminServer.port))
    }

    private func port(_ name: String, else fallback: Int) throws(SettingError) -> Int {
        guard let value = environment["PEERQUAKE_\(name)"] else { return fallback }
        guard let port = UInt16(value), port > 0 else {
            throw SettingError("PEERQUAKE_\(name): \"\(value)\" is not a port")
        }
        return Int(port)
    }
}
