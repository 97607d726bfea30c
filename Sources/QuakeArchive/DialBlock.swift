import QuakePlan
import QuakeTimeline

/// Dials as columns; moments and lengths to the microsecond, names as indices into the table of texts.
enum DialBlock {
    static func encode(_ dials: [Dial], text: (String) -> UInt32) -> [UInt8] {
        var writer = ColumnWriter()
        func names(_ path: KeyPath<Dial, String>) -> [Int64] { dials.map { Int64(text($0[keyPath: path])) } }
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

    static func decode(_ bytes: [UInt8], texts: [String]) throws(ArchiveError) -> [Dial] {
        var reader = ColumnReader(bytes)
        let count = Int(clamping: try reader.unsigned())
        guard count <= bytes.count * 64 else { throw ArchiveError(.format, "a block of the archive is damaged") }
        func name(_ index: Int64) -> String { texts.indices.contains(Int(index)) ? texts[Int(index)] : "" }
        let dialers = try reader.runs(count)
        let clusters = try reader.runs(count)
        let peers = try reader.runs(count)
        let methods = try reader.runs(count)
        let began = try reader.deltas(count)
        let lengths = try reader.column(count)
        let nodes = try reader.column(count)
        let addresses = try reader.column(count)
        let pods = try reader.column(count)
        let gatewayNodes = try reader.column(count)
        let outcomes = try reader.runs(count)
        let phases = try reader.runs(count)
        let errnos = try reader.runs(count)
        let clients = try reader.runs(count)
        let ports = try reader.deltas(count)
        let gone = try reader.runs(count)
        return (0..<count).map { index in
            Dial(
                dialer: Dial.Dialer(rawValue: UInt8(clamping: dialers[index])) ?? .balancer,
                cluster: name(clusters[index]), peer: name(peers[index]),
                peering: methods[index] == 0 ? nil : methods[index] == 1 ? .loadBalancer : .nodePort,
                began: RunInstant(nanoseconds: began[index] * 1000), millis: Double(lengths[index]) / 1000,
                targetNode: name(nodes[index]), targetAddress: name(addresses[index]), gatewayPod: name(pods[index]),
                gatewayNode: name(gatewayNodes[index]),
                outcome: Dial.Outcome(rawValue: UInt8(clamping: outcomes[index])) ?? .error,
                phase: Dial.Phase(rawValue: UInt8(clamping: phases[index])) ?? .tcp,
                errno: Int32(clamping: errnos[index]), clientAddress: name(clients[index]),
                clientPort: UInt16(clamping: ports[index]),
                clientGoneMillis: gone[index] == 0 ? nil : Double(gone[index] - 1) / 1000)
        }
    }
}
