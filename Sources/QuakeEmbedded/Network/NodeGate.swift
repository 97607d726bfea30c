import NIOCore
import NIOPosix
import QuakeMeshAgent
import QuakeSim
import Synchronization

/// Everything that one node has open: its pods' listeners and connections, and those that it forwards.
final class NodeGate: Sendable {
    /// How the node stands towards the network.
    enum Mode: Sendable, Equatable {
        case open
        /// Frozen processes: the kernel goes on.
        case paused
        case disconnected
        case dead(MachineEnding)
    }

    private struct Connection: Sendable {
        var channel: any Channel
        var handler: NIOLoopBound<GateHandler>
    }

    private struct State {
        var mode = Mode.open
        var connections: [ObjectIdentifier: Connection] = [:]
        var listeners: [ObjectIdentifier: GatedListener] = [:]
        /// Their pods are gone; they only keep their addresses silent.
        var orphans: [GatedListener] = []
    }

    private let state = Mutex(State())

    var mode: Mode { state.withLock { $0.mode } }

    /// Puts a connection under this gate; call it first, on the channel's event loop.
    func add(_ channel: any Channel) throws {
        let handler = GateHandler()
        try channel.pipeline.syncOperations.addHandler(handler)
        let entry = Connection(channel: channel, handler: NIOLoopBound(handler, eventLoop: channel.eventLoop))
        let mode = state.withLock { state in
            state.connections[ObjectIdentifier(channel)] = entry
            return state.mode
        }
        channel.closeFuture.whenComplete { [weak self] _ in
            self?.state.withLock { $0.connections[ObjectIdentifier(channel)] = nil }
        }
        Self.apply(mode, to: handler)
    }

    private static func apply(_ mode: Mode, to handler: GateHandler) {
        switch mode {
        case .open: handler.resume()
        case .paused, .disconnected: handler.hold()
        case .dead(.silent): handler.die()
        case .dead(.fin): break
        }
    }

    func add(_ listener: GatedListener) throws(EmbeddedError) {
        let mode = state.withLock { state in
            state.listeners[ObjectIdentifier(listener)] = listener
            return state.mode
        }
        try listener.set(Self.listenerMode(mode))
    }

    /// Its owner is done with it. A node that is away keeps the address silent until it is back.
    func close(_ listener: GatedListener) {
        let mode = state.withLock { state in
            state.listeners[ObjectIdentifier(listener)] = nil
            if state.mode != .open { state.orphans.append(listener) }
            return state.mode
        }
        if mode == .open { try? listener.set(.closed) }
    }

    private static func listenerMode(_ mode: Mode) -> GatedListener.Mode {
        switch mode {
        case .open: .open
        case .paused: .stalled
        case .disconnected, .dead: .silent
        }
    }

    func set(_ machine: Node.Machine, ending: MachineEnding) {
        let mode: Mode =
            !machine.isOn ? .dead(ending) : machine.isPaused ? .paused : machine.isConnected ? .open : .disconnected
        let (before, connections, listeners, orphans) = state.withLock { state in
            let before = state.mode
            state.mode = mode
            let orphans = mode == .open ? state.orphans : []
            if mode == .open { state.orphans = [] }
            return (before, Array(state.connections.values), Array(state.listeners.values), orphans)
        }
        guard before != mode else { return }
        for orphan in orphans { try? orphan.set(.closed) }
        for listener in listeners { try? listener.set(Self.listenerMode(mode)) }
        for connection in connections { Self.carry(connection, from: before, to: mode) }
    }

    private static func carry(_ connection: Connection, from before: Mode, to mode: Mode) {
        let channel = connection.channel
        channel.eventLoop.execute {
            switch mode {
            case .dead(.fin): channel.close(promise: nil)
            case .open where before == .dead(.silent):
                // A machine that boots knows nothing of its old connections.
                (channel as? any SocketOptionProvider)?.setSoLinger(linger(l_onoff: 1, l_linger: 0)).whenComplete { _ in
                    connection.handler.value.reopen()
                    channel.close(promise: nil)
                }
            default: apply(mode, to: connection.handler.value)
            }
        }
    }
}

/// The network as a pod on a gated node has it.
struct GatedNetwork: MeshNetwork {
    let group: any EventLoopGroup
    var gate: NodeGate
    var acceptor: Acceptor

    var isConnected: Bool { gate.mode == .open }

    func on(_ loop: any EventLoop) -> GatedNetwork { GatedNetwork(group: loop, gate: gate, acceptor: acceptor) }

    func listen(
        host: String, port: Int, accept: @escaping @Sendable (any Channel) -> EventLoopFuture<Void>
    ) async throws -> any MeshListener {
        let group = group
        let gate = gate
        let listener = GatedListener(host: host, port: port, acceptor: acceptor) { descriptor in
            Self.adopt(descriptor, on: group.next(), gate, accept)
        }
        try gate.add(listener)
        return PodListener(listener: listener, gate: gate)
    }

    static func adopt(
        _ descriptor: Int32, on loop: any EventLoop, _ gate: NodeGate?,
        _ accept: @escaping @Sendable (any Channel) -> EventLoopFuture<Void>
    ) {
        _ = ClientBootstrap(group: loop)
            .channelOption(ChannelOptions.allowRemoteHalfClosure, value: true)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try gate?.add(channel) }.flatMap { accept(channel) }
            }
            .withConnectedSocket(descriptor)
    }

    func connect(
        to address: SocketAddress, timeout: TimeAmount, on loop: any EventLoop,
        setUp: @escaping @Sendable (any Channel) -> EventLoopFuture<Void>
    ) -> EventLoopFuture<any Channel> {
        let gate = gate
        guard gate.mode == .open else {
            // Nothing leaves a node that is away.
            return loop.scheduleTask(in: timeout) { throw ChannelError.connectTimeout(timeout) }.futureResult
        }
        return ClientBootstrap(group: loop).connectTimeout(timeout)
            .channelOption(ChannelOptions.allowRemoteHalfClosure, value: true)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try gate.add(channel) }.flatMap { setUp(channel) }
            }
            .connect(to: address)
    }
}

private struct PodListener: MeshListener {
    var listener: GatedListener
    var gate: NodeGate

    func close() async { gate.close(listener) }
}
