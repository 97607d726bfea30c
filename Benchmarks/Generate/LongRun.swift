import ArgumentParser
import QuakeArchive
import QuakePlan
import QuakeTimeline

/// Two lanes, `new` and `pooled`, share the rate; every half hour a gateway's node dies by the stand-in's rules (NodePort,
/// two gateways, policy Cluster), is NotReady 40 s later and started again after five minutes.
struct LongRun: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "long", abstract: "One trial of many hours.",
        discussion: "EXAMPLE\n  generate --hours 8 --rate 100 --out /tmp/eight-hours")

    @Option(help: "How long the run took.")
    var hours = 8.0

    @Option(help: "Requests a second, of both lanes together.")
    var rate = 100

    @Option(help: "Minutes between two faults.")
    var every = 30.0

    @Option(help: "Of latencies and losses.")
    var seed: UInt64 = 1

    @Option(help: "The run's directory, to be made.")
    var out: String

    func validate() throws {
        guard hours > 0, rate >= 2, every >= 6 else {
            throw ValidationError("--hours must be positive, --rate at least 2, --every at least 6")
        }
    }

    func run() throws {
        let story = Story(hours: hours, rate: rate, every: every)
        _ = try Plan.parse(story.planSource, path: "long-run.yaml")
        let archive = try ArchiveWriter(
            directory: out,
            info: RunInfo(
                id: "20260101T000000Z-long-run-0001", planName: "long-run", planPath: "long-run.yaml",
                planSource: story.planSource, seed: seed, originUnixNanoseconds: 1_767_225_600_000_000_000))
        archive.setFact("made by", "the generator of archives: nothing here was measured")
        for lane in story.lanes { archive.add(lane) }
        for event in story.events { archive.append(event) }
        _ = archive.server(Story.server)
        var makers = story.lanes.map { SampleMaker($0, story: story, archive: archive, seed: seed) }
        // As a run's archive is written: what came in within 0.8 s makes a block of each lane.
        let step: Int64 = 800_000_000
        var now = RunInstant.origin
        while now < story.end {
            now = now + .nanoseconds(step)
            for index in makers.indices { makers[index].make(until: min(now, story.end)) }
            archive.flush()
            if let problem = archive.problem { throw problem }
        }
        for index in makers.indices { makers[index].finish() }
        try archive.close()
        print("\(makers.reduce(0) { $0 + $1.count }) samples in \(out)")
    }
}
