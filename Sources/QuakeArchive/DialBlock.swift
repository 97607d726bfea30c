import QuakePlan
import QuakeTimeline

/// Dials as columns; moments and lengths to the microsecond, names as indices into the table of texts.
enum DialBlock {
    static func encode(_ dials: [Dial<RunInstant>], text: (String) -> UInt32) -> [UInt8] {
        var writer = ColumnWriter()
        func names(_ path: KeyPath<Dial<RunInstant>, String>) -> [Int64] {
            dials.map { Int64(text($0[keyPath: path])) }
        }
        writer.unsigned(UInt64(dials.count))
        writer.runs(dials.map { Int64($0.dialer.rawValue) })
        writer.runs(names(\.cluster))
        writer.runs(names(\.peer))
        writer.runs(dials.map { $0.peering == nil ? 0 : $0.peering == .loadBalancer ? 1 : 2 })
        writer.deltas(dials.map { $0.began.nanoseconds / 1000 })
        writer.column(dials.map { Int64(($0.millis * 1000).rounded()) })
        writer.column(names(\.targetNode))
        writer.column(names(\.targetAddress))
        writer.column(names(\.gatewayPod))
        writer.column(names(\.gatewayNode))
        writer.runs(dials.map { Int64($0.outcome.rawValue) })
        writer.runs(dials.map { Int64($0.phase.rawValue) })
        writer.runs(dials.map { Int64($0.errno) })
        writer.runs(names(\.clientAddress))
        writer.deltas(dials.map { Int64($0.clientPort) })
        writer.runs(dials.map { $0.clientGoneMillis.map { Int64(($0 * 1000).rounded()) + 1 } ?? 0 })
        return writer.bytes
    }
}

/// Reads block after block of dials, in memory that it uses again.
struct DialBlockReader {
    private let texts: [String]
    private var dialers: [Int64] = []
    private var clusters: [Int64] = []
    private var peers: [Int64] = []
    private var methods: [Int64] = []
    private var began: [Int64] = []
    private var lengths: [Int64] = []
    private var nodes: [Int64] = []
    private var addresses: [Int64] = []
    private var pods: [Int64] = []
    private var gatewayNodes: [Int64] = []
    private var outcomes: [Int64] = []
    private var phases: [Int64] = []
    private var errnos: [Int64] = []
    private var clients: [Int64] = []
    private var ports: [Int64] = []
    private var gone: [Int64] = []

    /// - Parameter texts: the archive's table of them.
    init(texts: [String]) { self.texts = texts }

    /// Hands over one dial after the other, in the order in which they were written.
    mutating func forEach(_ bytes: [UInt8], _ body: (Dial<RunInstant>) throws -> Void) throws {
        for index in 0..<(try read(bytes)) { try body(dial(index)) }
    }

    /// Hands over no more than when a dial began of those that did not fail.
    mutating func forEachStart(
        _ bytes: [UInt8], _ body: (_ began: RunInstant, _ failed: Dial<RunInstant>?) throws -> Void
    ) throws {
        let isOK = Int64(DialOutcome.ok.rawValue)
        var reader = ColumnReader(bytes)
        let count = try readHead(&reader, bytes)
        var ahead = reader
        // Lengths, nodes, addresses, pods and their nodes.
        try ahead.skip(count * 5)
        try ahead.runs(count, into: &outcomes)
        if outcomes.contains(where: { $0 != isOK }) { try readRest(&reader, count) }
        for index in 0..<count {
            try body(
                RunInstant(nanoseconds: began[index] * 1000), outcomes[index] == isOK ? nil : dial(index))
        }
    }

    /// Reads a block's columns, and returns how many dials it holds.
    private mutating func read(_ bytes: [UInt8]) throws(ArchiveError) -> Int {
        var reader = ColumnReader(bytes)
        let count = try readHead(&reader, bytes)
        try readRest(&reader, count)
        return count
    }

    /// The columns until when a dial began.
    private mutating func readHead(_ reader: inout ColumnReader, _ bytes: [UInt8]) throws(ArchiveError) -> Int {
        let count = Int(clamping: try reader.unsigned())
        guard count <= bytes.count * 64 else { throw ArchiveError(.format, "a block of the archive is damaged") }
        try reader.runs(count, into: &dialers)
        try reader.runs(count, into: &clusters)
        try reader.runs(count, into: &peers)
        try reader.runs(count, into: &methods)
        try reader.deltas(count, into: &began)
        return count
    }

    private mutating func readRest(_ reader: inout ColumnReader, _ count: Int) throws(ArchiveError) {
        try reader.column(count, into: &lengths)
        try reader.column(count, into: &nodes)
        try reader.column(count, into: &addresses)
        try reader.column(count, into: &pods)
        try reader.column(count, into: &gatewayNodes)
        try reader.runs(count, into: &outcomes)
        try reader.runs(count, into: &phases)
        try reader.runs(count, into: &errnos)
        try reader.runs(count, into: &clients)
        try reader.deltas(count, into: &ports)
        try reader.runs(count, into: &gone)
    }

    private func name(_ index: Int64) -> String { texts.indices.contains(Int(index)) ? texts[Int(index)] : "" }

    private func dial(_ index: Int) -> Dial<RunInstant> {
        Dial(
            dialer: Dialer(rawValue: UInt8(clamping: dialers[index])) ?? .balancer,
            cluster: name(clusters[index]), peer: name(peers[index]),
            peering: methods[index] == 0 ? nil : methods[index] == 1 ? .loadBalancer : .nodePort,
            began: RunInstant(nanoseconds: began[index] * 1000), millis: Double(lengths[index]) / 1000,
            targetNode: name(nodes[index]), targetAddress: name(addresses[index]), gatewayPod: name(pods[index]),
            gatewayNode: name(gatewayNodes[index]),
            outcome: DialOutcome(rawValue: UInt8(clamping: outcomes[index])) ?? .error,
            phase: DialPhase(rawValue: UInt8(clamping: phases[index])) ?? .tcp,
            errno: Int32(clamping: errnos[index]), clientAddress: name(clients[index]),
            clientPort: UInt16(clamping: ports[index]),
            clientGoneMillis: gone[index] == 0 ? nil : Double(gone[index] - 1) / 1000)
    }
}
