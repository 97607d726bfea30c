import NIOCore
import QuakeBase
import QuakeRecord
import Synchronization

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// The source ports of a process's connections: ``SourcePorts`` with a clock and sockets.
package final class SourcePortBook: Sendable {
    /// How many ports that others hold are tried before the kernel chooses.
    private static let attempts = 16

    private let ports: Mutex<SourcePorts>
    private let rest: Duration
    private let rate: Int
    private let clock: @Sendable () -> Duration
    private let warn: @Sendable (String) -> Void

    /// - Parameters:
    ///   - clock: never goes back.
    ///   - warn: told when connections to a destination come too often, at the first of them, the tenth, the hundredth …
    package init(
        _ ports: SourcePorts, clock: @escaping @Sendable () -> Duration, warn: @escaping @Sendable (String) -> Void
    ) {
        self.ports = Mutex(ports)
        rest = ports.rest
        rate = Int(min(ports.rate, 1e6))
        self.clock = clock
        self.warn = warn
    }

    /// Of the kernel's range, by the monotonic clock, from anywhere on.
    package convenience init(rest: Duration, warn: @escaping @Sendable (String) -> Void) {
        let range = LocalPortRange.read()
        let origin = ContinuousClock.now
        self.init(
            SourcePorts(range: range, rest: rest, start: Int.random(in: 0..<range.count)),
            clock: { ContinuousClock.now - origin }, warn: warn)
    }

    /// Connects from a port that has rested; from the next one where somebody else holds it, and from one of the
    /// kernel's choice where there is none.
    ///
    /// - Parameter dial: connects from an address, from any where it is `nil`; may be called several times.
    func connect(
        to address: SocketAddress, on loop: any EventLoop,
        _ dial: @escaping @Sendable (SocketAddress?) -> EventLoopFuture<any Channel>
    ) -> EventLoopFuture<any Channel> {
        guard let host = address.ipAddress, let port = address.port else { return dial(nil) }
        let anywhere = address.protocol == .inet6 ? "::" : "0.0.0.0"
        let destination = SourcePorts.Destination(address: host, port: port)
        return connect(to: destination, attempts: Self.attempts, on: loop) { source in
            dial(source.flatMap { try? SocketAddress(ipAddress: anywhere, port: Int($0)) })
        }
    }

    private func connect(
        to destination: SourcePorts.Destination, attempts: Int, on loop: any EventLoop,
        _ dial: @escaping @Sendable (UInt16?) -> EventLoopFuture<any Channel>
    ) -> EventLoopFuture<any Channel> {
        let choice = ports.withLock { ports in
            attempts > 0 ? ports.take(for: destination, at: clock()) : ports.miss(destination)
        }
        switch choice {
        case .kernel(let misses):
            if Self.isRound(misses) { warn(warning(destination, misses)) }
            return dial(nil).map { channel in
                self.adopt(channel, to: destination)
                return channel
            }
        case .port(let port):
            return dial(port).map { channel in
                self.release(port, of: destination, after: channel)
                return channel
            }.flatMapError { error in
                self.ports.withLock { $0.release(port, of: destination, at: self.clock()) }
                guard Self.isHeld(error) else { return loop.makeFailedFuture(error) }
                return self.connect(to: destination, attempts: attempts - 1, on: loop, dial)
            }
        }
    }

    private func adopt(_ channel: any Channel, to destination: SourcePorts.Destination) {
        guard let port = channel.localAddress?.port.map({ UInt16(clamping: $0) }) else { return }
        ports.withLock { $0.adopt(port, of: destination) }
        release(port, of: destination, after: channel)
    }

    private func release(_ port: UInt16, of destination: SourcePorts.Destination, after channel: any Channel) {
        channel.closeFuture.whenComplete { _ in
            self.ports.withLock { $0.release(port, of: destination, at: self.clock()) }
        }
    }

    /// Another socket has the port, or the very connection is not over yet for the kernel.
    private static func isHeld(_ error: any Error) -> Bool {
        guard let code = (error as? IOError)?.errnoCode else { return false }
        return code == EADDRINUSE || code == EADDRNOTAVAIL
    }

    /// 1, 10, 100 …
    private static func isRound(_ number: Int) -> Bool {
        var rest = number
        while rest > 0, rest % 10 == 0 { rest /= 10 }
        return rest == 1
    }

    private func warning(_ destination: SourcePorts.Destination, _ misses: Int) -> String {
        "\(destination) is dialled so often that no source port has rested for \(rest.flagText): the kernel chose "
            + "\(misses == 1 ? "one" : "\(misses)") so far. Above \(rate) connections a second to one destination old "
            + "connection-tracking entries may lead new connections to pods that are gone"
    }
}

extension MeshNetwork {
    /// The network of a role that dials often: its source ports rest, and its records say where they cannot.
    ///
    /// - Parameter rest: from a connection's end until its port is used again; zero leaves ports to the kernel.
    func resting(_ rest: Duration, warning records: RecordRing) -> any MeshNetwork {
        guard rest > .zero else { return self }
        return from(SourcePortBook(rest: rest) { records.append(AgentRecord(.warning($0))) })
    }
}
