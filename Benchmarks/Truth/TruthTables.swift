import QuakeAnalysis
import QuakePlan
import QuakeTimeline

/// What a run showed, fault by fault.
struct TruthTables {
    /// With the port's faults when they were in force.
    let schedule: Schedule
    let results: [(lane: Lane, result: Judge.Result)]
    /// Fault's index → whether it was found within its bounds on every lane that it bounds.
    let found: [Int: Bool]

    func printKinds() {
        print("| fault | scheduled | partial | bounded | found |\n|---|---:|---:|---:|---:|")
        for kind in FaultKind.allCases {
            let own = faults(of: kind)
            let bounded = own.compactMap { found[$0.index] }
            guard !own.isEmpty else { continue }
            print(
                "| \(kind.rawValue) | \(own.count) | \(own.count { $0.fault.isPartial }) | \(bounded.count) "
                    + "| \(bounded.count { $0 }) |")
        }
    }

    private func faults(of kind: FaultKind) -> [(index: Int, fault: ScheduledFault)] {
        schedule.faults.enumerated().filter { $0.element.kind == kind }.map { ($0.offset, $0.element) }
    }

    /// The outages of each fault of a kind, with their bounds, and the impairment's.
    func printOutages(of kind: FaultKind) {
        print("| \(kind.rawValue) | lane | outage | between | impairment at most |\n|---|---|---:|---|---:|")
        for (index, fault) in faults(of: kind) {
            for (lane, result) in results {
                guard let outage = result.outages[index] else { continue }
                print(
                    "| \(Self.seconds(fault.length)) | \(lane.mode.rawValue) \(lane.traffic) "
                        + "| \(Self.seconds(outage.estimate)) "
                        + "| \(Self.seconds(outage.lower)) and \(Self.seconds(outage.upper)) "
                        + "| \(Self.seconds(outage.impairmentUpper)) |")
            }
        }
    }

    /// For each kind, how many of its faults on the whole service each of them noticed.
    func printPeers(_ reports: [Int: [Peers.Tool: Peers.Report]]) {
        let tools = Peers.Tool.allCases
        let names = tools.map { "\($0.rawValue): errors" }.joined(separator: " | ")
        print("| fault on the whole service | faults | the prober: outage within its bounds | \(names) |")
        print("|---|---:|---:|" + String(repeating: "---:|", count: tools.count))
        for kind in FaultKind.allCases {
            let own = faults(of: kind).filter { !$0.fault.isPartial && found[$0.index] != nil }
            guard !own.isEmpty else { continue }
            let noticed = tools.map { tool in
                "\(own.count { (reports[$0.index]?[tool]?.errors ?? 0) > 0 })"
            }
            print(
                "| \(kind.rawValue) | \(own.count) | \(own.count { found[$0.index] == true }) "
                    + "| \(noticed.joined(separator: " | ")) |")
        }
        print("| black hole | tool | requests | errors | slowest answer |\n|---|---|---:|---:|---:|")
        for (index, fault) in faults(of: .blackhole) {
            for tool in tools {
                guard let report = reports[index]?[tool] else { continue }
                print(
                    "| \(Self.seconds(fault.length)) | \(tool.rawValue) | \(report.requests) | \(report.errors) "
                        + "| \(report.slowestSeconds) s |")
            }
        }
    }

    private static func seconds(_ nanoseconds: Int64) -> String {
        "\(Double((nanoseconds + 500_000) / 1_000_000) / 1000) s"
    }
    private static func seconds(_ length: Duration) -> String { seconds(length.inNanoseconds) }
}
