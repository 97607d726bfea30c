import Foundation
import QuakeArchive
import QuakePlan
import QuakeTestSupport
import QuakeTimeline

/// An archive as a run of `Plans/compare/gateway-kill.yaml` would leave it, of made-up recoveries.
struct MadeRun {
    var name: String
    var repeats = 10
    /// Each `new` lane's recovery is about so many times 4.5 s; a `pooled` lane takes 2 s.
    var factor = 1.0
    var seed: UInt64 = 1
    /// Seconds after 2026-01-31T02:15:00Z.
    var start: Int64 = 0
    var overrides: [String] = []
    var version = "v1.35.0"

    private static let trialSeconds: Int64 = 24
    private static let period = Duration.milliseconds(20)

    /// Writes it below `folder` and returns its directory.
    func write(_ folder: TemporaryDirectory, root: URL) throws -> String {
        let path = root.appending(path: "Plans/compare/gateway-kill.yaml")
        let source = try String(contentsOf: path, encoding: .utf8)
        let archive = try ArchiveWriter(
            directory: "\(folder.path)/\(name)",
            info: RunInfo(
                id: name, planName: "gateway-kill", planPath: path.path, planSource: source,
                overrides: overrides + ["--repeat \(repeats)"], seed: seed,
                originUnixNanoseconds: (1_769_825_700 + start) * 1_000_000_000))
        for (fact, value) in [
            "east Kubernetes": version, "west Kubernetes": version, "east nodes": "4", "west nodes": "4",
            "mesh": "standin",
        ] { archive.setFact(fact, value) }
        var generator = Generator(seed: seed)
        for trial in 0..<(repeats * 2) {
            let peering: PeeringMethod = trial % 2 == 0 ? .loadBalancer : .nodePort
            write(trial, peering, archive, &generator)
        }
        try archive.close()
        return archive.directory
    }

    private func write(
        _ trial: Int, _ peering: PeeringMethod, _ archive: ArchiveWriter, _ generator: inout Generator
    ) {
        let origin = RunInstant(nanoseconds: Int64(trial) * Self.trialSeconds * 1_000_000_000)
        let recovery = (4 + Double.random(in: 0..<1, using: &generator)) * factor
        let (kill, end) = (origin + .seconds(3), origin + .seconds(Self.trialSeconds - 1))
        func note(_ at: RunInstant, _ what: Event.What) { archive.append(Event(at: at, trial: trial, what)) }
        note(
            origin,
            .trialStarted(cell: trial % 2, repeatIndex: trial / 2, labels: ["peering": peering.rawValue]))
        note(kill, .hypothesis(HypothesisResult(moment: .before, held: true, detail: "")))
        note(
            kill,
            .faultInjected(
                Fault(id: "kill", step: "kill", action: "kill-node", cluster: "west", targets: ["west-worker"])))
        note(kill + .seconds(recovery), .nodeReady(cluster: "west", node: "west-worker", status: .unknown))
        note(
            end + .seconds(-3),
            .changeMade(step: "start", action: "start-node", cluster: "west", targets: ["west-worker"]))
        note(end, .trialFinished)
        for (index, mode) in [ConnectionMode.new, .pooled].enumerated() {
            let lane = Lane(
                id: LaneID(rawValue: UInt32(trial * 2 + index + 1)), trial: trial, traffic: "echo", from: "east",
                to: "west", peering: peering, mode: mode, url: "http://echo/", period: Self.period, origin: origin)
            archive.add(lane)
            let until = kill + .seconds(mode == .new ? recovery : 2 + Double.random(in: 0..<1, using: &generator))
            let count = UInt64((end - origin).inNanoseconds / lane.periodNanoseconds)
            archive.append(
                (0..<count).map { sequence in
                    let due = lane.due(sequence)
                    let isBad = due >= kill && due < until && sequence % 4 != 0
                    return Sample(
                        lane: lane.id, sequence: sequence, due: due, sent: due,
                        done: due + .milliseconds(isBad ? 2000 : 3), outcome: isBad ? .connectTimeout : .ok)
                })
        }
    }
}
