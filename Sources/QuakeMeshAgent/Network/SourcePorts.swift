import NIOCore
import QuakeBase

/// Chooses source ports so that none is used again towards one destination before it has rested; pure.
///
///     fresh ──► in use ──► resting ──► in use …        oldest first: fresh ones, then those that rest longest
///
/// A node's connection tracking outlives connections. An entry whose SYN was never answered stays for 120 s (Linux's
/// `nf_conntrack_tcp_timeout_syn_sent`; that of a closed connection, `…_time_wait`, too), with the translation of its
/// time. A SYN of the same addresses and ports follows it, to a pod that may be long dead, and lets it live for another
/// 120 s. The kernel's own choice comes round to a port within half a minute at 50 connections a second.
///
/// With R ports that rest for r, R / r connections a second find one that has rested: 217 with Linux's range and 130 s.
/// Time is the caller's: anything that never goes back, from any origin.
package struct SourcePorts: Sendable {
    /// Where connections lead.
    package struct Destination: Sendable, Hashable, CustomStringConvertible {
        package var address: String
        package var port: Int

        package init(address: String, port: Int) {
            self.address = address
            self.port = port
        }

        package var description: String { "\(address):\(port)" }
    }

    /// Where a connection comes from.
    package enum Choice: Sendable, Equatable {
        case port(UInt16)
        /// No port has rested. `misses`: how often that came about with this destination, this time included.
        case kernel(misses: Int)
    }

    /// The ports that may be chosen, both ends included.
    package let range: ClosedRange<UInt16>
    /// From a connection's end until its port is used again.
    package let rest: Duration
    /// Where fresh ports begin, as an offset into the range: those that a process before this one used are unknown, and
    /// it began elsewhere.
    private let start: Int
    private var books: [Destination: Book] = [:]

    package init(range: ClosedRange<UInt16> = LocalPortRange.usual, rest: Duration = .seconds(130), start: Int = 0) {
        self.range = range
        self.rest = rest
        self.start = start % range.count
    }

    /// How many connections a second to one destination find a port that has rested.
    package var rate: Double { rest > .zero ? Double(range.count) / rest.inSeconds : .infinity }

    /// The port for a connection that begins at `now`. It is in use until ``release(_:of:at:)``.
    package mutating func take(for destination: Destination, at now: Duration) -> Choice {
        if books[destination] == nil { forget(at: now) }
        return books[destination, default: Book(range: range, start: start)].take(rest: rest, at: now)
    }

    /// The kernel chose this one.
    package mutating func adopt(_ port: UInt16, of destination: Destination) {
        books[destination]?.uses[port] = .inUse
    }

    /// A connection has ended: its last packet was sent, or will be at once.
    package mutating func release(_ port: UInt16, of destination: Destination, at now: Duration) {
        books[destination]?.release(port, at: now)
    }

    /// Counts that the kernel chose although there were ports: others held them.
    package mutating func miss(_ destination: Destination) -> Choice {
        books[destination, default: Book(range: range, start: start)].miss()
    }

    /// Destinations whose ports have all rested are as good as new.
    private mutating func forget(at now: Duration) {
        books = books.filter { !$0.value.isRested(rest, at: now) }
    }
}

/// The ports towards one destination.
private struct Book: Sendable {
    enum Use: Sendable, Equatable {
        case inUse
        case resting(since: Duration)
    }

    private let range: ClosedRange<UInt16>
    private let start: Int
    /// How many ports were looked at as fresh ones.
    private var looked = 0
    /// Ports that were ever used.
    var uses: [UInt16: Use] = [:]
    /// In the order of their connections' ends. One whose `uses` says otherwise by now counts no more.
    private var queue = CircularBuffer<(port: UInt16, since: Duration)>()
    private var misses = 0

    init(range: ClosedRange<UInt16>, start: Int) {
        self.range = range
        self.start = start
    }

    mutating func take(rest: Duration, at now: Duration) -> SourcePorts.Choice {
        guard let port = fresh() ?? rested(rest, at: now) else { return miss() }
        uses[port] = .inUse
        return .port(port)
    }

    mutating func release(_ port: UInt16, at now: Duration) {
        uses[port] = .resting(since: now)
        queue.append((port, now))
    }

    mutating func miss() -> SourcePorts.Choice {
        misses += 1
        return .kernel(misses: misses)
    }

    private mutating func fresh() -> UInt16? {
        while looked < range.count {
            let port = range.lowerBound + UInt16((start + looked) % range.count)
            looked += 1
            if uses[port] == nil { return port }
        }
        return nil
    }

    private mutating func rested(_ rest: Duration, at now: Duration) -> UInt16? {
        while let first = queue.first, now - first.since >= rest {
            queue.removeFirst()
            if uses[first.port] == .resting(since: first.since) { return first.port }
        }
        return nil
    }

    func isRested(_ rest: Duration, at now: Duration) -> Bool {
        uses.values.allSatisfy { use in
            if case .resting(let since) = use { now - since >= rest } else { false }
        }
    }
}
