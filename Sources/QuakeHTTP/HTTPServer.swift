package import NIOCore
import NIOHTTP1
import Synchronization

/// Serves HTTP/1.1 over the connections that a listener accepts: pipelined requests in their order, and keep-alive as the
/// client asks for it.
package final class HTTPServer: Sendable {
    private struct Connection: Sendable {
        var channel: any Channel
        var handler: NIOLoopBound<HTTPConnection>
    }

    private struct State {
        var isStopping = false
        var connections: [ObjectIdentifier: Connection] = [:]
    }

    private let responder: any HTTPResponder
    private let state = Mutex(State())

    package init(_ responder: any HTTPResponder) { self.responder = responder }

    /// Answers by a function, which is called on the connection's event loop.
    package convenience init(_ reply: @escaping @Sendable (SimpleRequest) -> HTTPReply) {
        self.init(ReplyFunction(function: reply))
    }

    /// Sets up an accepted channel, on its event loop; fails once the server is stopped.
    package func accept(_ channel: any Channel) -> EventLoopFuture<Void> {
        channel.eventLoop.makeCompletedFuture {
            let handler = HTTPConnection(channel, responder)
            let pipeline = channel.pipeline.syncOperations
            // The handler does both, so that a hang-up is not seen behind a request that waits.
            try pipeline.configureHTTPServerPipeline(withPipeliningAssistance: false, withErrorHandling: false)
            try pipeline.addHandler(handler)
            let bound = NIOLoopBound(handler, eventLoop: channel.eventLoop)
            guard add(Connection(channel: channel, handler: bound)) else { throw ChannelError.ioOnClosedChannel }
        }
    }

    private func add(_ connection: Connection) -> Bool {
        let key = ObjectIdentifier(connection.channel)
        let isServing = state.withLock { state in
            if !state.isStopping { state.connections[key] = connection }
            return !state.isStopping
        }
        connection.channel.closeFuture.whenComplete { [weak self] _ in
            self?.state.withLock { $0.connections[key] = nil }
        }
        return isServing
    }

    /// Ends every connection: an idle one at once, others when what they answer is written, streams where they are. Close
    /// the listener first.
    ///
    /// - Parameter grace: after so long a connection is cut off.
    package func stop(within grace: TimeAmount = .seconds(1)) async {
        let connections = state.withLock { state in
            state.isStopping = true
            return Array(state.connections.values)
        }
        for connection in connections {
            let channel = connection.channel
            channel.eventLoop.execute {
                connection.handler.value.finish()
                let cut = channel.eventLoop.scheduleTask(in: grace) { channel.close(promise: nil) }
                channel.closeFuture.whenComplete { _ in cut.cancel() }
            }
        }
        for connection in connections { try? await connection.channel.closeFuture.get() }
    }
}

private struct ReplyFunction: HTTPResponder {
    var function: @Sendable (SimpleRequest) -> HTTPReply

    func reply(to request: SimpleRequest) -> HTTPReply { function(request) }
}
