import FoundationEssentials
package import QuakeAnalysis
import QuakePlan
package import QuakeTimeline

/// Writes a run's record line by line, for other tools. Times are seconds since the run's origin; a field that does not
/// apply is empty in CSV and absent in NDJSON.
package struct Export {
    /// What to write.
    package enum Series: String, Sendable, CaseIterable {
        case samples, dials, events, outages
    }

    /// How to write it.
    package enum Format: String, Sendable, CaseIterable {
        /// One JSON object a line.
        case ndjson
        /// RFC 4180, with a header.
        case csv
    }

    private let series: Series
    private let format: Format
    private let write: (String) throws -> Void

    /// - Parameter write: takes one line, without its end.
    package init(_ series: Series, as format: Format, write: @escaping (String) throws -> Void) {
        self.series = series
        self.format = format
        self.write = write
    }

    /// - Parameter findings: needed for outages.
    package func run(_ timeline: some Timeline, findings: Findings) throws {
        if format == .csv { try write(columns.map(Self.quoted).joined(separator: ",")) }
        switch series {
        case .samples:
            for lane in timeline.lanes {
                try timeline.forEachSample(of: lane.id) { try line(values(of: $0, lane, timeline)) }
            }
        case .dials: try timeline.forEachDial { try line(Self.values(of: $0)) }
        case .events: for event in timeline.events { try line(Self.values(of: event)) }
        case .outages:
            for trial in findings.trials {
                for lane in trial.lanes { for outage in lane.outages { try line(Self.values(of: outage, lane.lane)) } }
            }
        }
    }

    // MARK: - Rows

    private enum Value {
        case text(String)
        case number(Double)
        case integer(Int64)
        case boolean(Bool)
        /// JSON as it stands.
        case json(String)
        case none
    }

    /// Names of the columns, in the order of the values.
    package var columns: [String] {
        switch series {
        case .samples:
            [
                "trial", "lane", "role", "traffic", "from", "to", "peering", "connections", "sequence", "due", "sent",
                "connected", "firstByte", "done", "outcome", "httpStatus", "errno", "localPort", "connection", "reused",
                "servingCluster", "servingNode", "servingPod", "text",
            ]
        case .dials:
            [
                "began", "millis", "dialer", "cluster", "peer", "peering", "targetNode", "targetAddress", "gatewayNode",
                "gatewayPod", "outcome", "phase", "errno", "clientAddress", "clientPort", "clientGoneMillis",
            ]
        case .events: ["at", "trial", "what"]
        case .outages:
            [
                "trial", "lane", "traffic", "peering", "connections", "first", "last", "badSlots", "estimateMillis",
                "lowerMillis", "upperMillis", "censored",
            ]
        }
    }

    private func values(of sample: Sample, _ lane: Lane, _ timeline: some Timeline) -> [Value] {
        let server = timeline.servers[Int(sample.server)]
        return [
            .integer(Int64(lane.trial)), .integer(Int64(lane.id.rawValue)), .text(lane.role.rawValue),
            .text(lane.traffic), .text(lane.from), .text(lane.to), Self.text(lane.peering?.rawValue ?? ""),
            .text(lane.mode.rawValue), .integer(Int64(sample.sequence)), Self.time(sample.due), Self.time(sample.sent),
            sample.connected.map(Self.time) ?? .none, sample.firstByte.map(Self.time) ?? .none, Self.time(sample.done),
            .text(sample.outcome.name), Self.integer(Int64(sample.httpStatus)), Self.integer(Int64(sample.errno)),
            Self.integer(Int64(sample.localPort)), Self.integer(Int64(sample.connection)),
            .boolean(sample.flags.contains(.reused)), Self.text(server.cluster), Self.text(server.node),
            Self.text(server.pod), Self.text(timeline.texts[Int(sample.text)]),
        ]
    }

    private static func values(of dial: Dial<RunInstant>) -> [Value] {
        [
            time(dial.began), .number(dial.millis),
            .text(dial.dialer.name), .text(dial.cluster), .text(dial.peer),
            text(dial.peering?.rawValue ?? ""), text(dial.targetNode), text(dial.targetAddress), text(dial.gatewayNode),
            text(dial.gatewayPod), .text(dial.outcome.name), .text(dial.phase.name),
            integer(Int64(dial.errno)), text(dial.clientAddress), integer(Int64(dial.clientPort)),
            dial.clientGoneMillis.map { .number($0) } ?? .none,
        ]
    }

    private static func values(of event: Event) throws -> [Value] {
        [
            time(event.at), event.trial.map { .integer(Int64($0)) } ?? .none,
            .json(String(decoding: try JSONEncoder().encode(event.what), as: UTF8.self)),
        ]
    }

    private static func values(of outage: Outage, _ lane: Lane) -> [Value] {
        [
            .integer(Int64(lane.trial)), .integer(Int64(lane.id.rawValue)), .text(lane.traffic),
            text(lane.peering?.rawValue ?? ""), .text(lane.mode.rawValue), time(outage.first), time(outage.last),
            .integer(Int64(outage.badSlots)), .number(outage.estimate.inSeconds * 1000),
            .number(outage.lower.inSeconds * 1000), .number(outage.upper.inSeconds * 1000),
            .boolean(outage.isCensored),
        ]
    }

    private static func time(_ moment: RunInstant) -> Value { .number(Double(moment.nanoseconds) / 1e9) }
    private static func text(_ text: String) -> Value { text.isEmpty ? .none : .text(text) }
    private static func integer(_ number: Int64) -> Value { number == 0 ? .none : .integer(number) }

    // MARK: - Lines

    private func line(_ values: [Value]) throws {
        switch format {
        case .csv:
            try write(
                values.map { value in
                    switch value {
                    case .text(let text), .json(let text): Self.quoted(text)
                    case .number(let number): "\(number)"
                    case .integer(let number): "\(number)"
                    case .boolean(let flag): "\(flag)"
                    case .none: ""
                    }
                }.joined(separator: ","))
        case .ndjson:
            let fields = try zip(columns, values).compactMap { name, value -> String? in
                switch value {
                case .text(let text):
                    "\"\(name)\":\(String(decoding: try JSONEncoder().encode(text), as: UTF8.self))"
                case .json(let json): "\"\(name)\":\(json)"
                case .number(let number): "\"\(name)\":\(number)"
                case .integer(let number): "\"\(name)\":\(number)"
                case .boolean(let flag): "\"\(name)\":\(flag)"
                case .none: nil
                }
            }
            try write("{\(fields.joined(separator: ","))}")
        }
    }

    /// As RFC 4180 says, where it must be.
    private static func quoted(_ text: String) -> String {
        guard text.contains(where: { ",\"\r\n".contains($0) || $0 == "\r\n" }) else { return text }
        return "\"\(text.replacing("\"", with: "\"\""))\""
    }
}
