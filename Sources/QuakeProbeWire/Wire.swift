import QuakeMesh
package import QuakeRecord

/// What goes between a run and a prober in a pod: JSON over HTTP, through the API server's pod proxy.
///
///     POST /lanes            a LaneSpec; answered with the Lane as it began
///     POST /lanes/ID/stop    (?at=N: at N on the prober's clock) answered, when its last request has ended, with the number of the next record
///     POST /lanes/stop       (of all lanes, whoever began them) answered like the former
///     GET  /records?cursor=N records from N on; those before N are dropped
///     GET  /clock            the prober's clock
///     GET  /conditions       a ProberConditions: what is in force where it runs, and how often it was throttled so far; 404
///                            of agents that do not tell yet
package enum ProberAPI {
    package static let port = MeshPort.prober
    /// Most records of one page.
    package static let page = 500
}

/// One thing that a prober recorded. Numbered without gaps, so that a reader sees that it missed none and got none
/// twice.
package struct WireRecord: Sendable, Codable {
    /// What was recorded.
    package enum Content: Sendable, Codable {
        case samples([WireSample])
        case event(Event)
        case server(UInt32, ServingIdentity)
        case text(UInt32, String)
    }

    package var number: UInt64
    package var content: Content

    package init(number: UInt64, content: Content) {
        self.number = number
        self.content = content
    }
}

/// Records from a cursor on.
package struct WirePage: Sendable, Codable {
    /// Another one means that the prober started anew.
    package var incarnation: String
    /// The number that the next record will get.
    package var next: UInt64
    package var records: [WireRecord]
}

/// The prober's clock at one moment, in nanoseconds since its own origin.
package struct WireClock: Sendable, Codable {
    package var nanoseconds: Int64

    package init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }
}

/// The number of the record that follows a lane's last one.
package struct WireEnd: Sendable, Codable {
    package var next: UInt64

    package init(next: UInt64) { self.next = next }
}

/// A sample as a bare list of numbers.
package struct WireSample: Sendable, Codable {
    package var sample: Sample

    package init(_ sample: Sample) { self.sample = sample }

    package func encode(to encoder: any Encoder) throws {
        var list = encoder.unkeyedContainer()
        for number in [Int64(sample.lane.rawValue), Int64(sample.sequence), sample.due.nanoseconds] {
            try list.encode(number)
        }
        try list.encode(sample.sent.nanoseconds)
        try list.encode(sample.connected?.nanoseconds)
        try list.encode(sample.firstByte?.nanoseconds)
        for number in [
            sample.done.nanoseconds, Int64(sample.outcome.rawValue), Int64(sample.flags.rawValue),
            Int64(sample.httpStatus), Int64(sample.errno), Int64(sample.localPort), Int64(sample.connection),
            Int64(sample.server), Int64(sample.text),
        ] {
            try list.encode(number)
        }
    }

    package init(from decoder: any Decoder) throws {
        var list = try decoder.unkeyedContainer()
        func number() throws -> Int64 { try list.decode(Int64.self) }
        func narrow<Value: FixedWidthInteger>(_ type: Value.Type) throws -> Value {
            guard let value = Value(exactly: try number()) else {
                throw DecodingError.dataCorruptedError(in: list, debugDescription: "out of range")
            }
            return value
        }
        func moment() throws -> RunInstant { RunInstant(nanoseconds: try number()) }
        func optional() throws -> RunInstant? {
            try list.decode(Int64?.self).map { RunInstant(nanoseconds: $0) }
        }
        let lane = LaneID(rawValue: try narrow(UInt32.self))
        let sequence = try narrow(UInt64.self)
        let (due, sent) = (try moment(), try moment())
        let (connected, firstByte) = (try optional(), try optional())
        let done = try moment()
        guard let outcome = Outcome(rawValue: try narrow(UInt8.self)) else {
            throw DecodingError.dataCorruptedError(in: list, debugDescription: "no such outcome")
        }
        sample = Sample(
            lane: lane, sequence: sequence, due: due, sent: sent, connected: connected, firstByte: firstByte,
            done: done, outcome: outcome, flags: Sample.Flags(rawValue: try narrow(UInt8.self)),
            httpStatus: try narrow(UInt16.self), errno: try narrow(Int32.self), localPort: try narrow(UInt16.self),
            connection: try narrow(UInt32.self), server: try narrow(UInt32.self), text: try narrow(UInt32.self))
    }
}
