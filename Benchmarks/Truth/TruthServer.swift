import CLinux
import Glibc
import QuakeBase

/// One request as the server saw it. Times are nanoseconds on the monotonic clock.
struct LogEntry: Sendable {
    /// The client's port.
    var port: UInt16
    var received: Int64
    /// Between which moments the right answer was written; `nil` where none was.
    var answered: ClosedRange<Int64>?
}

/// The service behind the faults: one thread on one epoll, so that nothing of its own stands between a request and the
/// moment that is logged. Runs in a process of its own (``ServerProcess``).
final class TruthServer {
    static let cluster = "truth"
    private static let fields = "x-peerquake-cluster: \(cluster)\r\nx-peerquake-node: n\r\nx-peerquake-pod: p\r\n"
    private static let right = Array("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\(fields)\r\nok".utf8)
    private static let wrong = Array(
        "HTTP/1.1 200 OK\r\ncontent-length: 2\r\nx-peerquake-cluster: other\r\n\r\nok".utf8)
    private static let torn = Array("HTTP/1.1 200 OK\r\nx-peerquake-cluster: \(cluster)\r\n".utf8)
    private static let headEnd: [UInt8] = [13, 10, 13, 10]

    private final class Connection {
        let descriptor: Int32
        let number: Int
        let port: UInt16
        var head: [UInt8] = []
        /// Index of its last request in the log.
        var entry = 0

        init(_ descriptor: Int32, _ number: Int, _ port: UInt16) {
            self.descriptor = descriptor
            self.number = number
            self.port = port
        }
    }

    let port: Int
    private(set) var log: [LogEntry] = []
    /// Index of a fault of the port → from when until when it was in force.
    private(set) var inForce: [Int: ClosedRange<Int64>] = [:]

    private let schedule: Schedule
    private let slow: Int64
    private let loop: Loop
    private var listener: Int32
    private var connections: [Int32: Connection] = [:]
    private var accepted = 0
    /// Answers that wait. Their moments never decrease: those that one fault holds back follow each other, and a fault
    /// begins only when the last one's answers have left.
    private var held: [(at: Int64, connection: Connection)] = []
    private var firstHeld = 0
    /// Faults of the port that are still to come, and the one that is in force.
    private var portFaults: [(index: Int, fault: ScheduledFault)]
    private var began: Int64?
    private var fillers: [Int32] = []
    private var buffer = [UInt8](repeating: 0, count: 4096)

    /// - Parameter slow: nanoseconds that a slow answer takes.
    init(_ schedule: Schedule, slow: Int64) {
        self.schedule = schedule
        self.slow = slow
        (listener, port) = Port.open(0)
        loop = Loop()
        portFaults = schedule.faults.enumerated().filter { $0.element.kind.isOfPort }.map { ($0.offset, $0.element) }
        loop.watch(listener)
    }

    /// Serves until somebody closes the other end of `control`.
    func run(control: Int32) {
        loop.watch(control)
        var isOver = false
        while !isOver {
            loop.arm(nextMoment)
            loop.wait { descriptor in
                if descriptor == control {
                    isOver = read(control, &buffer, buffer.count) <= 0
                } else if descriptor == listener {
                    accept()
                } else if let connection = connections[descriptor] {
                    serve(connection)
                }
            }
            turnPort()
            release()
        }
    }

    private var nextMoment: Int64 {
        let ofPort = portFaults.first.map { began == nil ? $0.fault.start : $0.fault.end } ?? .max
        return min(ofPort, firstHeld < held.count ? held[firstHeld].at : .max)
    }

    // MARK: - The port

    /// Refusals, dropped SYNs and lost packets are the port's doing, not a connection's.
    private func turnPort() {
        guard let (index, fault) = portFaults.first else { return }
        let now = SystemClock.monotonic
        if let began {
            guard now >= fault.end else { return }
            end(fault.kind)
            inForce[index] = began...SystemClock.monotonic
            self.began = nil
            portFaults.removeFirst()
        } else if now >= fault.start {
            // Who has connected by now is served.
            accept()
            began = SystemClock.monotonic
            begin(fault.kind)
        }
    }

    private func begin(_ kind: FaultKind) {
        switch kind {
        case .refuse: close(listener)
        case .blackhole:
            for descriptor in [listener] + connections.keys { Port.setDeaf(descriptor, true) }
        default:
            // Nobody accepts while this runs; a listener's backlog may be changed as it goes.
            loop.forget(listener)
            listen(listener, 0)
            fillers = (0..<2).map { _ in Port.filler(port) }
        }
    }

    private func end(_ kind: FaultKind) {
        switch kind {
        case .refuse:
            listener = Port.open(port).descriptor
            loop.watch(listener)
        case .blackhole:
            for descriptor in [listener] + connections.keys { Port.setDeaf(descriptor, false) }
        default:
            listen(listener, 4096)
            for filler in fillers { close(filler) }
            loop.watch(listener)
        }
    }

    private func accept() {
        while let (descriptor, client) = Port.accept(listener) {
            accepted += 1
            connections[descriptor] = Connection(descriptor, accepted, client)
            loop.watch(descriptor)
            // A new connection mostly brings its request along.
            if let connection = connections[descriptor] { serve(connection) }
        }
    }

    // MARK: - A connection

    private func serve(_ connection: Connection) {
        let got = read(connection.descriptor, &buffer, buffer.count)
        if got < 0, errno == EAGAIN { return }
        guard got > 0 else { return drop(connection) }
        connection.head += buffer[0..<got]
        guard connection.head.suffix(4).elementsEqual(Self.headEnd) else { return }
        connection.head.removeAll(keepingCapacity: true)
        let received = SystemClock.monotonic
        connection.entry = log.count
        log.append(LogEntry(port: connection.port, received: received))
        meet(schedule.active(at: received, connection: connection.number), connection, received)
    }

    private func meet(_ fault: ScheduledFault?, _ connection: Connection, _ received: Int64) {
        switch fault?.kind {
        case nil, .refuse, .dropSYN, .blackhole: answer(connection)
        case .reset:
            Port.resetOnClose(connection.descriptor)
            drop(connection)
        case .fin: drop(connection)
        case .discard: break
        case .stall: held.append((fault?.end ?? received, connection))
        case .slow: held.append((received + slow, connection))
        case .wrong: _ = send(connection, Self.wrong)
        case .midHeader:
            _ = send(connection, Self.torn)
            drop(connection)
        }
    }

    private func release() {
        while firstHeld < held.count, held[firstHeld].at <= SystemClock.monotonic {
            let connection = held[firstHeld].connection
            firstHeld += 1
            // Its client may have gone, and its descriptor be another's.
            if connections[connection.descriptor] === connection { answer(connection) }
        }
        guard firstHeld == held.count else { return }
        held.removeAll(keepingCapacity: true)
        firstHeld = 0
    }

    private func answer(_ connection: Connection) {
        let before = SystemClock.monotonic
        if send(connection, Self.right) { log[connection.entry].answered = before...SystemClock.monotonic }
    }

    private func send(_ connection: Connection, _ bytes: [UInt8]) -> Bool {
        Glibc.send(connection.descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count
    }

    private func drop(_ connection: Connection) {
        connections[connection.descriptor] = nil
        close(connection.descriptor)
    }
}

/// One epoll with one absolute timer.
private final class Loop {
    private let epoll = epoll_create1(Int32(quake_epoll_cloexec))
    private let timer = timerfd_create(CLOCK_MONOTONIC, Int32(quake_timerfd_flags))
    private var events = [epoll_event](repeating: epoll_event(), count: 64)

    init() { watch(timer) }

    func watch(_ descriptor: Int32) {
        _ = quake_epoll_control(epoll, EPOLL_CTL_ADD, descriptor, UInt32(quake_epollin))
    }

    func forget(_ descriptor: Int32) { _ = quake_epoll_control(epoll, EPOLL_CTL_DEL, descriptor, 0) }

    /// - Parameter moment: `.max` for none.
    func arm(_ moment: Int64) { _ = quake_timer_set(timer, moment == .max ? 0 : max(1, moment)) }

    func wait(_ ready: (Int32) -> Void) {
        let count = epoll_wait(epoll, &events, Int32(events.count), -1)
        guard count > 0 else { return }
        for index in 0..<Int(count) {
            let descriptor = quake_epoll_descriptor(&events[index])
            if descriptor == timer {
                var expirations: UInt64 = 0
                read(timer, &expirations, 8)
            } else {
                ready(descriptor)
            }
        }
    }
}
