package import NIOCore
import NIOPosix

/// How a part of the mesh reaches the network: the system's sockets in a pod, or sockets on loopback that a modelled
/// node can silence.
package protocol MeshNetwork: Sendable {
    var group: any EventLoopGroup { get }
    /// Whether the node is on the network now, as far as that is known: what it does not reach it cannot write to.
    var isConnected: Bool { get }
    /// The same network, whose accepted connections all run on one event loop.
    func on(_ loop: any EventLoop) -> Self
    /// Accepts connections until the listener is closed.
    ///
    /// - Parameter accept: sets up each accepted channel, on its event loop.
    func listen(
        host: String, port: Int, accept: @escaping @Sendable (any Channel) -> EventLoopFuture<Void>
    ) async throws -> any MeshListener
    /// Connects on an event loop of the caller's choice; fails with an `IOError` or ``ChannelError/connectTimeout(_:)``.
    ///
    /// - Parameter setUp: called again, with another channel, where the first one's source port was not to be had.
    func connect(
        to address: SocketAddress, timeout: TimeAmount, on loop: any EventLoop,
        setUp: @escaping @Sendable (any Channel) -> EventLoopFuture<Void>
    ) -> EventLoopFuture<any Channel>
    /// The same network, whose connections come from ports of the book's choice; itself where nothing on the way
    /// remembers a port.
    func from(_ ports: SourcePortBook) -> Self
}

extension MeshNetwork {
    package var isConnected: Bool { true }
    package func from(_ ports: SourcePortBook) -> Self { self }
}

/// An open listening socket.
package protocol MeshListener: Sendable {
    /// Accepts no more; what was accepted lives on.
    func close() async
}

/// The system's own sockets.
package struct SystemNetwork: MeshNetwork {
    package let group: any EventLoopGroup
    /// `nil`: the kernel chooses.
    private var ports: SourcePortBook?

    package init(group: any EventLoopGroup) { self.group = group }

    /// On the process's own event loops.
    package init() { group = MultiThreadedEventLoopGroup.singleton }

    package func on(_ loop: any EventLoop) -> SystemNetwork {
        var network = SystemNetwork(group: loop)
        network.ports = ports
        return network
    }

    package func listen(
        host: String, port: Int, accept: @escaping @Sendable (any Channel) -> EventLoopFuture<Void>
    ) async throws -> any MeshListener {
        let channel = try await ServerBootstrap(group: group)
            .serverChannelOption(ChannelOptions.backlog, value: 512)
            .serverChannelOption(ChannelOptions.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(ChannelOptions.allowRemoteHalfClosure, value: true)
            .childChannelInitializer(accept)
            .bind(host: host, port: port).get()
        return ChannelListener(channel: channel)
    }

    package func connect(
        to address: SocketAddress, timeout: TimeAmount, on loop: any EventLoop,
        setUp: @escaping @Sendable (any Channel) -> EventLoopFuture<Void>
    ) -> EventLoopFuture<any Channel> {
        let bootstrap: @Sendable () -> ClientBootstrap = {
            ClientBootstrap(group: loop).connectTimeout(timeout)
                .channelOption(ChannelOptions.allowRemoteHalfClosure, value: true)
                .channelInitializer(setUp)
        }
        guard let ports else { return bootstrap().connect(to: address) }
        return ports.connect(to: address, on: loop) { source in
            guard let source else { return bootstrap().connect(to: address) }
            // A port may be used towards several destinations at once, and again while the kernel remembers it.
            return bootstrap().channelOption(ChannelOptions.socketOption(.so_reuseaddr), value: 1).bind(to: source)
                .connect(to: address)
        }
    }

    /// Whether connections come from ports of a book's choice.
    var choosesPorts: Bool { ports != nil }

    package func from(_ ports: SourcePortBook) -> SystemNetwork {
        var network = self
        network.ports = ports
        return network
    }
}

private struct ChannelListener: MeshListener {
    var channel: any Channel

    func close() async { try? await channel.close() }
}

extension Channel {
    /// Closes with RST, as a peer sees a proxy that gave up. Later, for a channel that is being set up must stay open.
    package func reset() {
        eventLoop.execute {
            guard let provider = self as? any SocketOptionProvider else { return self.close(promise: nil) }
            provider.setSoLinger(linger(l_onoff: 1, l_linger: 0)).whenComplete { _ in self.close(promise: nil) }
        }
    }

    /// What a listener's owner answers when it is gone: the channel is closed.
    package var refusal: EventLoopFuture<Void> { eventLoop.makeFailedFuture(ChannelError.ioOnClosedChannel) }
}

extension SocketAddress {
    /// `address:port` of an IPv4 or IPv6 peer.
    package var host: String { ipAddress ?? "" }
}
