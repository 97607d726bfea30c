import QuakeBase
package import QuakeKube

/// The levels of logging of a ztunnel, at `/logging` of its admin server: texts such as `info,access=debug`, of which the last part
/// that concerns a module counts.
///
/// Source: ztunnel 1.27.9 `src/admin.rs` (`change_log_level`) and `src/telemetry.rs` (`set_level`).
package enum ProxyLevels {
    /// Of ztunnel's admin server (istio 1.27: `ADMIN_PORT`), and of Envoy's in a gateway (`proxyAdminPort`).
    package static let port = 15_000

    private static let answer = "current log level is "

    /// The levels in force.
    ///
    /// - Throws: what ``PodLoopback`` throws; `.decoding` for an answer that is another one.
    package static func read(
        of pod: JSONValue, by kubectl: Kubectl, _ admin: PodLoopback = PodLoopback(port: port, rest: .zero)
    ) async throws -> String {
        try levels(in: try await admin.send("POST", "/logging", to: pod, by: kubectl), of: pod)
    }

    /// Makes the levels these and no others but ztunnel's defaults, which they may override.
    package static func write(
        _ levels: String, of pod: JSONValue, by kubectl: Kubectl,
        _ admin: PodLoopback = PodLoopback(port: port, rest: .zero)
    ) async throws {
        let path = "/logging?reset=1&level=\(PercentEncoding.query(levels))"
        _ = try Self.levels(in: try await admin.send("POST", path, to: pod, by: kubectl), of: pod)
    }

    private static func levels(in bytes: [UInt8], of pod: JSONValue) throws -> String {
        let text = String(decoding: bytes, as: UTF8.self).split(separator: "\n").first ?? ""
        guard text.hasPrefix(answer) else {
            throw KubeError(
                .decoding, "/logging of ztunnel answers \"\(text)\"", context: "\(pod.namespace)/\(pod.name)")
        }
        return String(text.dropFirst(answer.count))
    }
}
