import QuakeRecord

/// What an error in ztunnel's access log says of the hop at which a connection through an east-west gateway failed.
///
///     client ─► ztunnel ─── outer connection, shared ───► gateway ─── … ───► ztunnel or backend
///               route       outer connect, handshake,     its answer         inner
///                           outer connection lost
///
/// Texts: ztunnel 1.27.9 `src/proxy.rs`, the errors of the crates `h2` and `rustls` behind them. A reset of a connection that
/// carries data is no error to ztunnel (`src/copy.rs`, `ignore_io_errors`): it ends as complete.
enum ZtunnelError {
    /// Beginnings of texts; the first that fits counts.
    private static let table: [(text: String, hop: ProxyHop)] = [
        // 10 s for TCP; the words about a policy are a guess of ztunnel's.
        ("connection timed out, maybe a NetworkPolicy is blocking HBONE port", .outerConnect),
        ("connection failed: ", .outerConnect),
        ("failed to bind to address", .outerConnect),
        ("io error: Connection refused", .outerConnect),
        ("io error: No route to host", .outerConnect),
        ("io error: Network is unreachable", .outerConnect),
        ("io error: Connection timed out", .outerConnect),
        ("io error: deadline has elapsed", .outerConnect),
        // Before the first byte is copied: what accepted it gave it up, as a load balancer that finds no node.
        ("io error: Connection reset by peer", .outerConnect),
        ("io error: Broken pipe", .outerConnect),
        ("io error: invalid peer certificate", .handshake),
        ("io error: received fatal alert", .handshake),
        ("io error: received corrupt message", .handshake),
        ("io error: tls handshake eof", .handshake),
        ("io error: unexpected end of file", .handshake),
        ("http2 handshake failed: ", .handshake),
        ("tls error: ", .handshake),
        ("identity error: ", .handshake),
        // A stream of its own was reset; the connection goes on.
        ("h2 failed: stream error received: ", .answer),
        ("http status: ", .answer),
        // A ping without an answer, a GOAWAY, or the end of TCP: all streams of the connection end so.
        ("h2 failed: ", .outerLost),
        ("io error: stream closed because of a broken pipe", .outerLost),
        ("destination disconnected before all data was written", .inner),
        ("client disconnected before all data was written", .inner),
        ("receive: ", .inner),
        ("send: ", .inner),
        ("while closing connection: ", .inner),
        ("connection closed due to ", .proxy),
        ("connection failed to drain within the timeout", .proxy),
        ("pool draining", .proxy),
        ("connection tracking failed", .proxy),
        ("failed to fetch information about local workload", .route),
        ("unknown ", .route),
        ("no ", .route),
        ("requested service ", .route),
        ("ip addresses were resolved for workload", .route),
        ("attempted recursive call to ourselves", .route),
        ("dns", .route),
    ]

    /// - Parameter bytes: carried both ways; where there are any, the connection stood.
    static func hop(of text: String, bytes: Int) -> ProxyHop {
        let hop = table.first { text.hasPrefix($0.text) }?.hop ?? .unknown
        let isEarly = hop == .outerConnect || hop == .handshake
        return isEarly && bytes > 0 ? .inner : hop
    }
}
