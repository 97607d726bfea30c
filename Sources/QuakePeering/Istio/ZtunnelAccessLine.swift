import QuakeBase
import QuakeRecord

/// A line of ztunnel's access log in its text format, as `pods/log` gives it with `timestamps=true`: a connection that ended.
///
///     KUBELET'S TIME ZTUNNEL'S TIME<tab>info|error<tab>access<tab>connection complete<tab>src.addr=IP:PORT … error="TEXT"
///
/// Source: ztunnel 1.27.9 `src/proxy/metrics.rs` and `src/telemetry.rs`.
struct ZtunnelAccessLine: Sendable, Equatable {
    /// Unix nanoseconds, of ztunnel's own clock.
    var at: Int64
    /// `nil` where it ended without an error.
    var error: String?
    var sourceAddress: String
    var sourcePort: UInt16
    /// `address:port`.
    var target: String
    /// Its name, as `NetworkGateway/NETWORK/ADDRESS/PORT` of a gateway; empty where unknown.
    var targetWorkload: String
    var isOutbound: Bool
    var bytes: Int
    var millis: Double

    /// `nil` for every other line, and for one that is cut off.
    init?(_ line: some StringProtocol) {
        let columns = line.split(separator: "\t", omittingEmptySubsequences: false).map { String($0) }
        guard columns.count >= 5, columns[2] == "access", columns[3] == "connection complete",
            let time = columns[0].split(separator: " ").last.flatMap({ ZtunnelTime.unixNanoseconds($0) })
        else { return nil }
        let fields = Self.fields(columns[4...].joined(separator: "\t"))
        guard let source = fields["src.addr"], let colon = source.lastIndex(of: ":"),
            let port = UInt16(source[source.index(after: colon)...]), let target = fields["dst.addr"],
            let duration = fields["duration"], duration.hasSuffix("ms"), let millis = Double(duration.dropLast(2)),
            let direction = fields["direction"]
        else { return nil }
        let isError = columns[1] == "error"
        // The text stands last: without it the line was cut off.
        if isError, fields["error"] == nil { return nil }
        at = time
        error = isError ? fields["error"] : nil
        sourceAddress = String(source[..<colon].filter { $0 != "[" && $0 != "]" })
        sourcePort = port
        self.target = target
        targetWorkload = fields["dst.workload"] ?? ""
        isOutbound = direction == "outbound"
        bytes = (Int(fields["bytes_sent"] ?? "") ?? 0) + (Int(fields["bytes_recv"] ?? "") ?? 0)
        self.millis = millis
    }

    /// Whether it led to a gateway of another network.
    var isToGateway: Bool { isOutbound && targetWorkload.hasPrefix("NetworkGateway/") }

    /// `nil` where it ended without an error.
    var failure: ProxyFailure? {
        error.map { error in
            ProxyFailure(
                hop: ZtunnelError.hop(of: error, bytes: bytes), error: error, clientAddress: sourceAddress,
                clientPort: sourcePort, target: target, millis: millis)
        }
    }

    /// `key=value` and `key="value"`, with `\"` and `\\` in it, apart by spaces. Nothing where one is cut off.
    private static func fields(_ text: String) -> [String: String] {
        var fields: [String: String] = [:]
        var rest = text[...]
        while let equals = rest.firstIndex(of: "=") {
            let key = String(rest[..<equals].drop { $0 == " " })
            rest = rest[rest.index(after: equals)...]
            guard rest.first == "\"" else {
                let value = rest.prefix { $0 != " " }
                fields[key] = String(value)
                rest = rest[value.endIndex...]
                continue
            }
            rest = rest.dropFirst()
            var value = ""
            var isEscaped = false
            while let character = rest.popFirst() {
                if isEscaped {
                    value.append(character == "n" ? "\n" : character)
                    isEscaped = false
                } else if character == "\\" {
                    isEscaped = true
                } else if character == "\"" {
                    fields[key] = value
                    break
                } else {
                    value.append(character)
                }
            }
        }
        return fields
    }
}

/// `2026-11-28T18:41:37.970902Z`: RFC 3339 in UTC, with up to nine digits of a second.
enum ZtunnelTime {
    /// To the second, the rest cut off.
    static func text(_ unixNanoseconds: Int64) -> String {
        let seconds = unixNanoseconds / 1_000_000_000
        // The civil date of a day since 1970 (Hinnant, civil_from_days).
        let z = seconds / 86_400 + 719_468
        let era = z / 146_097
        let dayOfEra = z - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shifted = (5 * dayOfYear + 2) / 153
        let month = shifted < 10 ? shifted + 3 : shifted - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        let clock = seconds % 86_400
        func padded(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return "\(year)-\(padded(month))-\(padded(dayOfYear - (153 * shifted + 2) / 5 + 1))T"
            + "\(padded(clock / 3600)):\(padded(clock / 60 % 60)):\(padded(clock % 60))Z"
    }

    static func unixNanoseconds(_ text: some StringProtocol) -> Int64? {
        let parts = text.split(separator: "T")
        guard parts.count == 2, parts[1].hasSuffix("Z") else { return nil }
        let date = parts[0].split(separator: "-").map { Int64($0) }
        let clock = parts[1].dropLast().split(separator: ":")
        guard date.count == 3, let year = date[0], let month = date[1], let day = date[2], (1...12).contains(month),
            (1...31).contains(day), clock.count == 3, let hour = Int64(clock[0]), let minute = Int64(clock[1])
        else { return nil }
        let second = clock[2].split(separator: ".")
        guard let whole = second.first.flatMap({ Int64($0) }), second.count <= 2 else { return nil }
        var fraction: Int64 = 0
        if second.count == 2 {
            guard second[1].count <= 9, let digits = Int64(second[1]) else { return nil }
            fraction = digits
            for _ in second[1].count..<9 { fraction *= 10 }
        }
        // Days since 1970 by the proleptic Gregorian calendar; years begin in March (Hinnant, days_from_civil).
        let y = month <= 2 ? year - 1 : year
        let era = y / 400
        let yearOfEra = y - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        let days = era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
        return ((days * 24 + hour) * 60 + minute) * 60_000_000_000 + whole * 1_000_000_000 + fraction
    }
}
