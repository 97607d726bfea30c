package import NIOHTTP1

/// Says what an ``HTTPServer`` answers.
package protocol HTTPResponder: Sendable {
    /// The longest body that is taken, in bytes; a longer one is answered with 413.
    var bodyLimit: Int { get }
    /// Called on the connection's event loop, for one request of a connection at a time: what takes time is said later.
    func reply(to request: SimpleRequest) -> HTTPReply
    /// Fields of the answer to a stream, whose pieces are sent back one by one; `nil` for a request like any other.
    func echoFields(for head: HTTPRequestHead) -> [(String, String)]?
}

extension HTTPResponder {
    package var bodyLimit: Int { 1 << 20 }
    package func echoFields(for head: HTTPRequestHead) -> [(String, String)]? { nil }
}

/// An answer, or where it comes from.
package enum HTTPReply: Sendable {
    case now(SimpleAnswer)
    /// Made in a task of its own. Later requests of the connection wait for it.
    case later(@Sendable () async -> SimpleAnswer)
}

/// A whole HTTP/1.1 request.
package struct SimpleRequest: Sendable {
    package var method: HTTPMethod
    /// Path and query, as sent.
    package var uri: String
    package var headers: HTTPHeaders
    package var body: [UInt8]
}

/// An HTTP/1.1 answer. The server frames it: no field of it tells a length.
package struct SimpleAnswer: Sendable {
    /// Writes a body of unknown length, piece by piece. It is cancelled when the client hangs up or the server stops;
    /// an answer that it ends by an error is cut off.
    package typealias Stream = @Sendable (HTTPStream) async throws -> Void

    enum Content: Sendable {
        case bytes([UInt8])
        case stream(Stream)
    }

    package var status: HTTPResponseStatus
    package var fields: [(String, String)]
    var content: Content

    package init(status: HTTPResponseStatus = .ok, fields: [(String, String)] = [], body: [UInt8] = []) {
        self.status = status
        self.fields = fields
        content = .bytes(body)
    }

    package init(status: HTTPResponseStatus = .ok, fields: [(String, String)] = [], streaming body: @escaping Stream) {
        self.status = status
        self.fields = fields
        content = .stream(body)
    }
}
