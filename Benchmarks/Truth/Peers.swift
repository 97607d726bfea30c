import Foundation
import QuakeBase

/// hey and wrk, started anew for each fault so that what they report is about it alone: from 0.4 s before it until 0.8 s
/// after it, a hundred requests a second over ten connections, kept and fresh, given up after 10 s.
actor Peers {
    enum Tool: String, CaseIterable, Sendable {
        case heyPooled = "hey"
        case heyNew = "hey -disable-keepalive"
        case wrkPooled = "wrk"
        case wrkNew = "wrk, Connection: close"
    }

    /// What a tool said at its end.
    struct Report: Sendable {
        var requests = 0
        var errors = 0
        var slowestSeconds = 0.0
    }

    private(set) var reports: [Int: [Tool: Report]] = [:]
    private var tasks: [Task<Void, Never>] = []
    private let folder: URL

    init() throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("truth-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        // wrk knows no rate: each of its ten connections waits for a tenth of a second.
        try Data("function delay() return 100 end\n".utf8).write(to: folder.appendingPathComponent("delay.lua"))
    }

    /// Starts them when their faults come.
    func follow(_ schedule: Schedule, port: Int) {
        for (index, fault) in schedule.faults.enumerated() {
            for tool in Tool.allCases {
                tasks.append(
                    Task { [weak self] in
                        let wait = fault.start - 400_000_000 - SystemClock.monotonic
                        try? await Task.sleep(for: .nanoseconds(max(0, wait)))
                        await self?.run(tool, on: index, for: Double(fault.length) / 1e9 + 1.2, port: port)
                    })
            }
        }
    }

    /// Waits for the last ones.
    func finish() async -> [Int: [Tool: Report]] {
        for task in tasks { await task.value }
        try? FileManager.default.removeItem(at: folder)
        return reports
    }

    private func run(_ tool: Tool, on fault: Int, for seconds: Double, port: Int) async {
        let url = "http://127.0.0.1:\(port)/"
        // wrk counts whole seconds.
        let whole = "\(Int(seconds.rounded(.up)))s"
        let hey = ["hey", "-z", "\(Int(seconds * 1000))ms", "-c", "10", "-q", "10", "-t", "10"]
        let wrk = [
            "wrk", "-t", "1", "-c", "10", "-d", whole, "--timeout", "10s", "--latency", "-s",
            folder.appendingPathComponent("delay.lua").path,
        ]
        let command: [String] =
            switch tool {
            case .heyPooled: hey + [url]
            case .heyNew: hey + ["-disable-keepalive", url]
            case .wrkPooled: wrk + [url]
            case .wrkNew: wrk + ["-H", "Connection: close", url]
            }
        let output = folder.appendingPathComponent(UUID().uuidString)
        guard let text = await Self.output(of: command, into: output) else { return }
        reports[fault, default: [:]][tool] = command[0] == "hey" ? Self.hey(text) : Self.wrk(text)
    }

    private static func output(of command: [String], into file: URL) async -> String? {
        guard FileManager.default.createFile(atPath: file.path, contents: nil),
            let handle = FileHandle(forWritingAtPath: file.path)
        else { return nil }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = command
        process.standardOutput = handle
        process.standardError = FileHandle.nullDevice
        await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
            process.terminationHandler = { _ in continuation.resume() }
            do {
                try process.run()
            } catch {
                process.terminationHandler = nil
                continuation.resume()
            }
        }
        try? handle.close()
        return try? String(contentsOf: file, encoding: .utf8)
    }

    // MARK: - What they print

    /// `  [200]	99 responses` for each status, `  [3]	Get "…": EOF` for each error, `  Slowest:	0.0021 secs`.
    static func hey(_ text: String) -> Report {
        var report = Report()
        for line in text.split(separator: "\n").map({ $0.trimmingCharacters(in: .whitespaces) }) {
            let words = line.split(whereSeparator: \.isWhitespace).map(String.init)
            if words.first == "Slowest:", words.count > 1 { report.slowestSeconds = Double(words[1]) ?? 0 }
            guard let first = words.first, first.hasPrefix("["), first.hasSuffix("]"),
                let number = Int(first.dropFirst().dropLast())
            else { continue }
            if words.last == "responses", words.count == 3, let count = Int(words[1]) {
                report.requests += count
                if number != 200 { report.errors += count }
            } else {
                report.requests += number
                report.errors += number
            }
        }
        return report
    }

    /// `  N requests in …`, `  Socket errors: connect 0, read 3, write 0, timeout 1`, `  Non-2xx or 3xx responses: 2`, and
    /// the maximum as the third figure of `    Latency   1.05ms  2.00ms  40.10ms  95.00%`.
    static func wrk(_ text: String) -> Report {
        var report = Report()
        for line in text.split(separator: "\n").map({ $0.trimmingCharacters(in: .whitespaces) }) {
            let words = line.split(whereSeparator: { $0.isWhitespace || $0 == "," }).map(String.init)
            if words.count > 2, words[1] == "requests", words[2] == "in" { report.requests = Int(words[0]) ?? 0 }
            if line.hasPrefix("Socket errors:") { report.errors += words.compactMap { Int($0) }.reduce(0, +) }
            if line.hasPrefix("Non-2xx"), let last = words.last { report.errors += Int(last) ?? 0 }
            if words.first == "Latency", words.count > 3 { report.slowestSeconds = seconds(words[3]) }
        }
        return report
    }

    private static func seconds(_ text: String) -> Double {
        for (unit, factor) in [("us", 1e-6), ("ms", 1e-3), ("s", 1.0)] where text.hasSuffix(unit) {
            return (Double(text.dropLast(unit.count)) ?? 0) * factor
        }
        return 0
    }
}
