import QuakeBase
package import QuakeTimeline

/// How a cluster's tunnels used connections in a run, as its facts tell.
package struct TunnelFacts: Sendable, Equatable {
    /// Raw values are those of the fact.
    package enum Mode: String, Sendable, CaseIterable {
        /// Tunnels share HTTP/2 connections, as ztunnel's do.
        case shared
        /// Each tunnel has a connection of its own. So it was in every archive without the fact.
        case single
    }

    package var mode: Mode
    /// The times that were in force; ztunnel's where the facts do not tell.
    package var loss: SharedTunnelLoss

    package init(mode: Mode, loss: SharedTunnelLoss = SharedTunnelLoss()) {
        self.mode = mode
        self.loss = loss
    }

    /// Reads `CLIENT tunnels` and `CLIENT tunnel times`, or `tunnels` and `tunnel times` where they hold for all
    /// clusters.
    ///
    /// - Parameter client: the cluster that the tunnels begin in.
    package init(_ info: RunInfo, of client: String) {
        let fact = { (name: String) in info.facts["\(client) \(name)"] ?? info.facts[name] }
        self.init(
            mode: fact("tunnels").flatMap(Mode.init) ?? .single,
            loss: Self.loss(telling: fact("tunnel times") ?? ""))
    }

    /// Out of words: `connect time-out 10s, ping every 10s, given up 20s after …, at most 100 streams …`, in any order.
    private static func loss(telling words: String) -> SharedTunnelLoss {
        var loss = SharedTunnelLoss()
        for part in words.split(separator: ", ") {
            let number = { (lead: String) -> String? in
                guard part.hasPrefix(lead + " ") else { return nil }
                return part.dropFirst(lead.count + 1).split(separator: " ").first.map(String.init)
            }
            if let time = number("connect time-out").flatMap(GoDuration.parse) { loss.connectTimeout = time }
            if let time = number("ping every").flatMap(GoDuration.parse) { loss.pingInterval = time }
            if let time = number("given up").flatMap(GoDuration.parse) { loss.pingTimeout = time }
            if let count = number("at most").flatMap({ Int($0) }) { loss.streamLimit = max(1, count) }
        }
        return loss
    }
}
