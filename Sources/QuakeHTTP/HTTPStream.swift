import NIOCore
import NIOHTTP1

/// Where an answer's body is written piece by piece.
package struct HTTPStream: Sendable {
    let channel: any Channel

    /// Sends a piece, and returns when the system has taken it: a client that does not read holds it up.
    ///
    /// - Throws: a `ChannelError` or an `IOError` when the connection is no more.
    package func write(_ bytes: [UInt8]) async throws {
        try await channel.writeAndFlush(HTTPServerResponsePart.body(.byteBuffer(ByteBuffer(bytes: bytes)))).get()
    }
}
