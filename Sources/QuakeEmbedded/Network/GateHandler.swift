import NIOCore

/// Stands next to a connection's socket and can hold everything back, as if its node were gone. On one event loop.
final class GateHandler: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// Draws the states: passing ⇄ held → dead.
    private enum State {
        case passing
        /// Resumes with nothing lost.
        case held
        /// Nothing passes again; the socket stays open until it is reset.
        case dead
    }

    private var state = State.passing
    private var wantsRead = false
    private var writes: [(NIOAny, EventLoopPromise<Void>?)] = []
    private var wantsClose = false
    private var context: ChannelHandlerContext?

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }
    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func hold() {
        if state == .passing { state = .held }
    }

    func die() {
        state = .dead
        for (_, promise) in writes { promise?.fail(ChannelError.ioOnClosedChannel) }
        writes = []
    }

    /// Lets the channel be closed although its node is dead.
    func reopen() { state = .passing }

    func resume() {
        guard state == .held, let context else { return }
        state = .passing
        for (data, promise) in writes { context.write(data, promise: promise) }
        writes = []
        context.flush()
        if wantsClose {
            context.close(promise: nil)
        } else if wantsRead {
            wantsRead = false
            context.read()
        }
    }

    func read(context: ChannelHandlerContext) {
        if state == .passing { context.read() } else { wantsRead = true }
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch state {
        case .passing: context.write(data, promise: promise)
        case .held: writes.append((data, promise))
        case .dead: promise?.fail(ChannelError.ioOnClosedChannel)
        }
    }

    func flush(context: ChannelHandlerContext) {
        if state == .passing { context.flush() }
    }

    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        if state == .passing {
            context.close(mode: mode, promise: promise)
        } else {
            wantsClose = wantsClose || mode == .all
            promise?.succeed(())
        }
    }
}
