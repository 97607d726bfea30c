import Glibc
import Synchronization

/// One request as the server saw it. Times are nanoseconds on the monotonic clock.
struct LogEntry: Sendable {
    var received: Int64
    /// Between which moments the right answer was written; `nil` where none was.
    var answered: ClosedRange<Int64>?
}

/// The service behind the faults: a thread a connection, and a log of when each right answer left.
final class TruthServer: Sendable {
    static let cluster = "truth"
    private static let fields = "x-peerquake-cluster: \(cluster)\r\nx-peerquake-node: n\r\nx-peerquake-pod: p\r\n"
    private static let right = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\(fields)\r\nok"
    private static let wrong = right.replacing(cluster, with: "other")
    private static let torn = "HTTP/1.1 200 OK\r\nx-peerquake-cluster: \(cluster)\r\n"

    /// POLLRDHUP (poll(2)), which Glibc's module leaves out.
    private static let hangUp: Int16 = 0x2000

    let port: Int
    private let schedule: Schedule
    private let slow: Int64
    private let listener: Mutex<Int32>
    private let log = Mutex<[UInt16: [LogEntry]]>([:])
    private let count = Mutex(0)
    private let isOver = Mutex(false)
    /// The port's own faults want the listener: whoever accepts stands aside.
    private let isWanted = Mutex(false)
    private let done = Mutex<[Int: ClosedRange<Int64>]>([:])

    /// - Parameter slow: nanoseconds that a slow answer takes.
    init(_ schedule: Schedule, slow: Int64) {
        self.schedule = schedule
        self.slow = slow
        let (descriptor, port) = Self.open(port: 0)
        self.port = port
        listener = Mutex(descriptor)
        thread { self.accepting() }
        thread { self.faulting() }
    }

    func stop() { isOver.withLock { $0 = true } }

    /// Client's port → what was seen of it, in order.
    var entries: [UInt16: [LogEntry]] { log.withLock { $0 } }
    /// Index of a fault of the port → from when until when it was in force, to the microsecond: a little later than
    /// scheduled, for the listener had to be had first.
    var inForce: [Int: ClosedRange<Int64>] { done.withLock { $0 } }
    var requests: Int { log.withLock { $0.values.reduce(0) { $0 + $1.count } } }

    // MARK: - The port

    private static func open(port: Int) -> (descriptor: Int32, port: Int) {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var yes: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        var address = address(port)
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { raw in
                bind(descriptor, raw, size) == 0 && listen(descriptor, 4096) == 0
                    && getsockname(descriptor, raw, &size) == 0
            }
        }
        precondition(bound, "no port on loopback")
        return (descriptor, Int(UInt16(bigEndian: address.sin_port)))
    }

    private static func address(_ port: Int) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        address.sin_port = UInt16(port).bigEndian
        return address
    }

    /// Refusals and dropped SYNs are the port's doing, not a connection's.
    private func faulting() {
        for (index, fault) in schedule.faults.enumerated() where !fault.kind.touchesPinned {
            sleep(until: fault.start)
            if isOver.withLock({ $0 }) { return }
            isWanted.withLock { $0 = true }
            let range = listener.withLock { listener in
                fault.kind == .refuse ? refuse(&listener, until: fault.end) : dropSYN(listener, until: fault.end)
            }
            isWanted.withLock { $0 = false }
            done.withLock { $0[index] = range }
        }
    }

    private func refuse(_ listener: inout Int32, until end: Int64) -> ClosedRange<Int64> {
        // What the kernel alone has accepted by now is reset by the close: it meets the fault.
        let began = monotonicNanoseconds()
        close(listener)
        sleep(until: end)
        listener = Self.open(port: port).descriptor
        return began...monotonicNanoseconds()
    }

    private func dropSYN(_ listener: Int32, until end: Int64) -> ClosedRange<Int64> {
        // Nobody accepts while this runs; a listener's backlog may be changed as it goes.
        let began = monotonicNanoseconds()
        listen(listener, 0)
        let fillers = (0..<2).map { _ in filler() }
        sleep(until: end)
        listen(listener, 4096)
        for filler in fillers { close(filler) }
        return began...monotonicNanoseconds()
    }

    /// Takes a place of the backlog.
    private func filler() -> Int32 {
        let descriptor = socket(
            AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = Self.address(port)
        _ = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        return descriptor
    }

    private func accepting() {
        while !isOver.withLock({ $0 }) {
            if isWanted.withLock({ $0 }) {
                usleep(200)
                continue
            }
            let accepted: [(Int32, UInt16)] = listener.withLock { listener in
                guard listener >= 0 else { return [] }
                var poller = pollfd(fd: listener, events: Int16(POLLIN), revents: 0)
                guard poll(&poller, 1, 1) > 0 else { return [] }
                var address = sockaddr_in()
                var size = socklen_t(MemoryLayout<sockaddr_in>.size)
                let descriptor = withUnsafeMutablePointer(to: &address) { pointer in
                    pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                        accept(listener, $0, &size)
                    }
                }
                return descriptor < 0 ? [] : [(descriptor, UInt16(bigEndian: address.sin_port))]
            }
            if accepted.isEmpty { usleep(100) }
            for (descriptor, client) in accepted {
                let number = count.withLock { count in
                    count += 1
                    return count
                }
                var yes: Int32 = 1
                setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &yes, socklen_t(MemoryLayout<Int32>.size))
                thread {
                    self.serve(descriptor, number, client)
                    close(descriptor)
                }
            }
        }
        listener.withLock { if $0 >= 0 { close($0) } }
    }

    // MARK: - A connection

    private func serve(_ descriptor: Int32, _ number: Int, _ client: UInt16) {
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            var head: [UInt8] = []
            repeat {
                let got = read(descriptor, &buffer, buffer.count)
                guard got > 0 else { return }
                head += buffer[0..<got]
            } while !head.suffix(4).elementsEqual([13, 10, 13, 10])
            let received = monotonicNanoseconds()
            let fault = schedule.active(at: received, connection: number)
            let answered = answer(descriptor, fault, received)
            log.withLock { $0[client, default: []].append(LogEntry(received: received, answered: answered.at)) }
            if !answered.keeps { return }
        }
    }

    private func answer(
        _ descriptor: Int32, _ fault: ScheduledFault?, _ received: Int64
    ) -> (at: ClosedRange<Int64>?, keeps: Bool) {
        switch fault?.kind {
        case nil, .refuse, .dropSYN: return (send(descriptor, Self.right), true)
        case .reset:
            var hard = linger(l_onoff: 1, l_linger: 0)
            setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &hard, socklen_t(MemoryLayout<linger>.size))
            return (nil, false)
        case .fin: return (nil, false)
        case .discard:
            _ = hangsUp(descriptor, before: .max)
            return (nil, false)
        case .stall:
            if hangsUp(descriptor, before: fault?.end ?? 0) { return (nil, false) }
            return (send(descriptor, Self.right), true)
        case .slow:
            if hangsUp(descriptor, before: received + slow) { return (nil, false) }
            return (send(descriptor, Self.right), true)
        case .wrong:
            _ = send(descriptor, Self.wrong)
            return (nil, true)
        case .midHeader:
            _ = send(descriptor, Self.torn)
            return (nil, false)
        }
    }

    /// Between which moments it was written; `nil` if the client was gone.
    private func send(_ descriptor: Int32, _ text: String) -> ClosedRange<Int64>? {
        let bytes = Array(text.utf8)
        let began = monotonicNanoseconds()
        let sent = Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
        return sent == bytes.count ? began...monotonicNanoseconds() : nil
    }

    /// Waits until a moment, or for the client's end.
    private func hangsUp(_ descriptor: Int32, before moment: Int64) -> Bool {
        while true {
            let left = moment == .max ? 1_000_000_000 : moment - monotonicNanoseconds()
            if left <= 0 { return false }
            // The last millisecond by the clock: poll counts in whole ones.
            if left < 2_000_000 {
                sleep(until: moment)
                return false
            }
            var poller = pollfd(fd: descriptor, events: Self.hangUp, revents: 0)
            if poll(&poller, 1, Int32(min(left / 1_000_000 - 1, 1000))) > 0 { return true }
            if isOver.withLock({ $0 }) { return true }
        }
    }
}

/// A detached thread with a small stack: there may be thousands.
private func thread(_ body: @escaping @Sendable () -> Void) {
    final class Body {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    pthread_attr_setstacksize(&attributes, 256 * 1024)
    pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
    var handle = pthread_t()
    let start: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = { body in
        guard let body else { return nil }
        Unmanaged<Body>.fromOpaque(body).takeRetainedValue().run()
        return nil
    }
    guard pthread_create(&handle, &attributes, start, Unmanaged.passRetained(Body(body)).toOpaque()) == 0 else {
        preconditionFailure("no thread for a connection")
    }
    pthread_attr_destroy(&attributes)
}
