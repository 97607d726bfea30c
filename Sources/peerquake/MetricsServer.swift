import Foundation
import NIOHTTP1
import QuakeAnalysis
import QuakeBase
import QuakeHTTP
import QuakeMeshAgent
import QuakeProbe
import QuakeReport
import QuakeRun
import QuakeShell
import QuakeTimeline
import Synchronization

/// Serves a run's figures at `/metrics` while it goes on, in the format that the scraper prefers.
final class MetricsServer: Sendable {
    private let figures: Mutex<LiveFigures>
    private let lanes: LiveLanes
    private let listener = Mutex<(any MeshListener)?>(nil)

    init(_ info: RunInfo, _ lanes: LiveLanes) {
        figures = Mutex(LiveFigures(info))
        self.lanes = lanes
    }

    /// - Throws: ``Failure`` if it cannot be listened at the address.
    func open(_ text: String) async throws {
        guard let address = HostPort(text) else { throw Failure(.usage, "--serve-metrics \(text): not HOST:PORT") }
        do {
            let server = HTTPServer { request in .now(self.answer(request)) }
            let opened = try await SystemNetwork().listen(
                host: address.host, port: address.port, accept: server.accept)
            listener.withLock { $0 = opened }
        } catch {
            throw Failure(.usage, "--serve-metrics \(text): \(error)")
        }
    }

    func close() async {
        let opened = listener.withLock { $0 }
        await opened?.close()
    }

    /// - Parameter findings: of a trial that is over.
    func add(_ findings: Findings) { figures.withLock { $0.add(findings) } }

    private func answer(_ request: SimpleRequest) -> SimpleAnswer {
        guard RequestTarget(request.uri).path == "/metrics" else { return SimpleAnswer(status: .notFound) }
        guard [.GET, .HEAD].contains(request.method) else {
            return SimpleAnswer(status: .methodNotAllowed, fields: [("allow", "GET, HEAD")])
        }
        let format = MetricFormat.accepted(request.headers[canonicalForm: "accept"].joined(separator: ","))
        return SimpleAnswer(
            fields: [("content-type", format.contentType), ("vary", "accept")],
            body: Array(format.text(families()).utf8))
    }

    private func families() -> [MetricFamily] {
        let outages = lanes.snapshots
        let counts = lanes.totals.map { total in
            let now = outages.first { snapshot in
                let lane = snapshot.lane
                return lane.role == total.lane.role && lane.traffic == total.lane.traffic
                    && lane.mode == total.lane.mode && lane.from == total.lane.from
                    && lane.peering == total.lane.peering
            }
            return LiveFigures.LaneCount(lane: total.lane, outcomes: total.outcomes, outage: now?.outage ?? .zero)
        }
        let usage = LiveFigures.Usage(
            residentBytes: Self.residentBytes(), processorSeconds: SystemClock.processSeconds)
        return figures.withLock { $0.families(counts, usage) }
    }

    /// The second field of `/proc/self/statm` (proc(5)), in pages.
    private static func residentBytes() -> Int {
        let text = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)) ?? ""
        let fields = text.split(separator: " ")
        return fields.count > 1 ? (Int(fields[1]) ?? 0) * Int(sysconf(Int32(_SC_PAGESIZE))) : 0
    }
}
