/// How a lane uses connections.
package enum ConnectionMode: String, Sendable, Codable, CaseIterable {
    /// A fresh connection for each request.
    case new
    /// N pinned keep-alive connections used in turn.
    case pooled
    /// One long-lived connection of numbered messages.
    case stream

    /// `content-type` of a stream lane's request. A server that knows it answers 200 at once and each line of the body
    /// with the same line, as soon as it has come.
    package static let streamContentType = "application/x-peerquake-stream"
}
