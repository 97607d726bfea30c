package import NIOCore

/// One end of a tunnel: passes bytes on to its partner, half-closures included. What arrives before the partner is
/// there is kept. Both ends run on one event loop.
package final class TunnelEnd: ChannelDuplexHandler {
    package typealias InboundIn = ByteBuffer
    package typealias OutboundIn = ByteBuffer
    package typealias OutboundOut = ByteBuffer

    private var partner: TunnelEnd?
    private var context: ChannelHandlerContext?
    private var waiting: [ByteBuffer] = []
    private var inputEnded = false
    private var outputEnded = false
    /// Told of each piece that came in.
    private let onRead: (() -> Void)?
    /// An end whose peer reset the connection resets its partner's too.
    private var failed = false

    package init(onRead: (() -> Void)? = nil) { self.onRead = onRead }

    /// Joins two ends; call it on their event loop. Where one has ended already, the other is closed.
    ///
    /// An end may be joined before its channel is active: a connection to a neighbour can be there sooner than the
    /// accepted channel is registered with its event loop.
    package static func join(_ a: TunnelEnd, _ b: TunnelEnd) {
        guard a.context != nil, b.context != nil else {
            a.context?.close(promise: nil)
            b.context?.close(promise: nil)
            return
        }
        a.partner = b
        b.partner = a
        a.passOn()
        b.passOn()
    }

    /// Ends both sides as if this end's peer had reset its connection.
    package func abort() {
        failed = true
        let other = partner
        partner = nil
        other?.partner = nil
        other?.context?.channel.reset()
        context?.close(promise: nil)
    }

    package func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    package func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
        partner = nil
    }

    package func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let buffer = unwrapInboundIn(data)
        onRead?()
        if let partner { partner.send(buffer) } else { waiting.append(buffer) }
    }

    package func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if let event = event as? ChannelEvent, event == .inputClosed {
            inputEnded = true
            partner?.endOutput()
        } else {
            context.fireUserInboundEventTriggered(event)
        }
    }

    package func channelInactive(context: ChannelHandlerContext) {
        inputEnded = true
        let other = partner
        partner = nil
        other?.partner = nil
        if failed { other?.context?.channel.reset() } else { other?.context?.close(promise: nil) }
        context.fireChannelInactive()
    }

    package func errorCaught(context: ChannelHandlerContext, error: any Error) {
        failed = true
        context.close(promise: nil)
    }

    package func channelWritabilityChanged(context: ChannelHandlerContext) {
        // A partner that writes faster than this end's peer reads has to wait.
        if let other = partner?.context {
            _ = other.channel.setOption(ChannelOptions.autoRead, value: context.channel.isWritable)
        }
        context.fireChannelWritabilityChanged()
    }

    private func passOn() {
        for buffer in waiting { partner?.send(buffer) }
        waiting = []
        if inputEnded { partner?.endOutput() }
    }

    private func send(_ buffer: ByteBuffer) {
        context?.writeAndFlush(wrapOutboundOut(buffer), promise: nil)
    }

    private func endOutput() {
        guard !outputEnded, let context else { return }
        outputEnded = true
        if inputEnded {
            context.close(promise: nil)
        } else {
            context.close(mode: .output, promise: nil)
        }
    }
}
