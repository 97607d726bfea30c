/// What a report says of how the stand-in carried tunnels.
enum TunnelNote {
    /// - Parameter facts: the run's, of which `mesh` and `tunnels` are read. Archives without `tunnels` are of a stand-in that
    ///   had the `single` mode alone.
    /// - Returns: `nil` for another mesh.
    static func text(_ facts: [String: String]) -> String? {
        guard facts["mesh"] ?? "standin" == "standin" else { return nil }
        return switch facts["tunnels"] ?? "single" {
        case "shared":
            "The stand-in's tunnels share HTTP/2 connections as ztunnel's do, without TLS. With another client-side "
                + "proxy, losses and recovery differ."
        case "single":
            "The stand-in opens one tunnel per connection. On ztunnel, whose streams share HTTP/2 connections, "
                + "recovery of `new` may lag by another 20 to 30 s."
        default: "The clusters carried tunnels in different modes: see the settings `tunnels` of each."
        }
    }
}
