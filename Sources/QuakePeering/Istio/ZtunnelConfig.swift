import QuakeKube
import QuakeMesh

/// What a ztunnel has been told of other networks: the part of its `/config_dump` that decides what it dials.
///
/// For a service of another network istiod makes one workload, whose `networkGateway` is the one gateway that ztunnel dials
/// for it; each gateway that istiod knows is another workload, dialled or not. Sources: istio 1.27.9
/// `pilot/pkg/serviceregistry/kube/controller/ambient/multicluster.go` and `workloads.go`; ztunnel 1.27.9
/// `src/state/workload.rs`.
struct ZtunnelConfig: Sendable, Equatable {
    /// Where a gateway of another network takes HBONE.
    struct Gateway: Sendable, Hashable, Comparable, CustomStringConvertible {
        var network: String
        /// An IP address or a host's name.
        var host: String
        var port: Int

        /// `172.23.0.3:30542`.
        var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

        static func < (left: Gateway, right: Gateway) -> Bool {
            (left.network, left.host, left.port) < (right.network, right.host, right.port)
        }
    }

    /// What stands for a service's workloads in another network.
    private struct Remote: Sendable, Equatable {
        /// `namespace/hostname`.
        var services: [String]
        var gateway: Gateway
    }

    private let remotes: [Remote]
    private let gateways: [Gateway]

    /// The ports of a gateway whose Gateway object names none: istiod writes 0.
    private static let defaultPort = MeshPort.gateway

    /// Reads the dump.
    ///
    /// - Throws: `KubeError` with code `decoding` and the place in the dump.
    init(parsing bytes: [UInt8]) throws(KubeError) {
        let dump = try JSONValue(parsing: bytes)
        var remotes: [Remote] = []
        var gateways: Set<Gateway> = []
        for (place, workload) in try Self.workloads(of: dump) {
            let uid = workload["uid"]?.stringValue ?? ""
            if let gateway = try Self.announced(uid, place) { gateways.insert(gateway) }
            guard let dialled = workload["networkGateway"], !dialled.isNull else { continue }
            remotes.append(
                Remote(
                    services: Self.services(of: workload, uid),
                    gateway: try Self.gateway(dialled, workload["network"]?.stringValue ?? "", place)))
        }
        self.remotes = remotes
        self.gateways = gateways.sorted()
    }

    /// What this ztunnel dials for the workloads of a network, sorted: one where istiod has told it of one, none where it knows
    /// of no workload there.
    ///
    /// - Parameter service: `namespace/name`; `nil` for all of them.
    func dialled(for network: String, service: String? = nil) -> [Gateway] {
        let found = remotes.filter { remote in
            guard remote.gateway.network == network else { return false }
            guard let service else { return true }
            return remote.services.contains { Self.isSame($0, service) }
        }
        return Set(found.map(\.gateway)).sorted()
    }

    /// Every gateway of a network that istiod has told of, sorted.
    func known(in network: String) -> [Gateway] { gateways.filter { $0.network == network } }

    // MARK: - Reading

    /// A list; up to 1.23 a mapping.
    private static func workloads(of dump: JSONValue) throws(KubeError) -> [(place: String, JSONValue)] {
        switch dump["workloads"] {
        case .array(let list)?: return list.enumerated().map { ("workloads[\($0)]", $1) }
        case .object(let members)?: return members.sorted { $0.key < $1.key }.map { ("workloads[\"\($0)\"]", $1) }
        default: throw problem("it has no list of workloads", at: "workloads")
        }
    }

    /// `NetworkGateway/NETWORK/ADDRESS/PORT`.
    private static func announced(_ uid: String, _ place: String) throws(KubeError) -> Gateway? {
        let mark = "NetworkGateway/"
        guard uid.hasPrefix(mark) else { return nil }
        let parts = uid.dropFirst(mark.count).split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count >= 3, let port = Int(parts[parts.count - 1]), (0...65_535).contains(port) else {
            throw problem("\"\(uid)\" is not NetworkGateway/NETWORK/ADDRESS/PORT", at: "\(place).uid")
        }
        return Gateway(
            network: parts.dropLast(2).joined(separator: "/"), host: String(parts[parts.count - 2]),
            port: port == 0 ? defaultPort : port)
    }

    /// `{"destination": "NETWORK/ADDRESS" or "NAMESPACE/HOSTNAME", "hboneMtlsPort": PORT}`.
    private static func gateway(
        _ value: JSONValue, _ network: String, _ place: String
    ) throws(KubeError) -> Gateway {
        let place = "\(place).networkGateway"
        guard let destination = value["destination"]?.stringValue, let slash = destination.lastIndex(of: "/") else {
            throw problem("no destination", at: place)
        }
        let host = String(destination[destination.index(after: slash)...])
        guard !host.isEmpty else { throw problem("\"\(destination)\" has no address", at: "\(place).destination") }
        guard let port = value["hboneMtlsPort"]?.intValue, (0...65_535).contains(port) else {
            throw problem("no port", at: "\(place).hboneMtlsPort")
        }
        return Gateway(network: network, host: host, port: port == 0 ? defaultPort : port)
    }

    /// By its own list, else by its uid: `NETWORK/SplitHorizonWorkload/GATEWAY…/NAMESPACE/HOSTNAME`.
    private static func services(of workload: JSONValue, _ uid: String) -> [String] {
        let own = (workload["services"]?.arrayValue ?? []).compactMap(\.stringValue)
        guard own.isEmpty, uid.contains("/SplitHorizonWorkload/") else { return own }
        return [uid.split(separator: "/").suffix(2).joined(separator: "/")]
    }

    /// Whether `namespace/hostname` is of the Service `namespace/name`, whatever the cluster's domain.
    private static func isSame(_ hostname: String, _ service: String) -> Bool {
        let parts = service.split(separator: "/")
        guard parts.count == 2 else { return false }
        return hostname.hasPrefix("\(parts[0])/\(parts[1]).\(parts[0]).")
    }

    private static func problem(_ words: String, at place: String) -> KubeError {
        KubeError(.decoding, words, context: "ztunnel's config dump: \(place)")
    }
}
