import Foundation
import QuakeBase
import QuakeSim
import Testing

/// What a real cluster did, second by second, the model does too.
@Suite("Sequences recorded from a real cluster")
struct RecordedSequenceTests {
    private struct Fixture: Decodable {
        struct Step: Decodable {
            var after: String
            var at: Double
            var subject: String
            var what: String
        }

        var milestones: [Step]
    }

    private func fixture(_ name: String) throws -> [String: [Milestone]] {
        let url = try #require(
            Bundle.module.url(forResource: name, withExtension: "json", subdirectory: "Fixtures"))
        let steps = try JSONDecoder().decode(Fixture.self, from: Data(contentsOf: url)).milestones
        return Dictionary(grouping: steps, by: \.after).mapValues { group in
            group.map { Milestone(at: $0.at, subject: $0.subject, what: $0.what) }
        }
    }

    /// The same steps, each at its time give or take `tolerance`, and in the same order, but for steps of different
    /// objects within 60 ms: those are two controllers' race.
    private func expect(_ seen: [Milestone], _ recorded: [Milestone], shift: Double = 0, tolerance: Double) {
        #expect(seen.map(\.name).sorted() == recorded.map(\.name).sorted())
        let places = recorded.map { step in seen.firstIndex { $0.name == step.name } }
        for (index, theirs) in recorded.enumerated() {
            guard let place = places[index] else { continue }
            let mine = seen[place]
            #expect(abs(mine.at - theirs.at - shift) <= tolerance, "\(mine), recorded at \(theirs.at)")
            for (later, next) in recorded.enumerated().dropFirst(index + 1) {
                guard let other = places[later], next.at - theirs.at > 0.06 || next.subject == theirs.subject else {
                    continue
                }
                #expect(place < other, "\(theirs) comes before \(next)")
            }
        }
    }

    @Test("hold for cordon, drain and uncordon")
    func drain() throws {
        let recorded = try fixture("drain")
        var cluster = SimulatedCluster()
        let (node, pod) = cluster.victim
        let cordon = cluster.model.now
        cluster.model.updateNode(node, unschedulable: true)
        cluster.run(for: .seconds(3))
        let drain = cluster.model.now
        // kubectl asks for a few things before it evicts.
        cluster.run(for: .milliseconds(137))
        #expect(cluster.model.evict(pod) == .evicted)
        cluster.run(for: .seconds(12))
        let uncordon = cluster.model.now
        cluster.model.updateNode(node, unschedulable: false)
        cluster.run(for: .seconds(5))
        let all = cluster.milestones(node: node, pod: pod, since: cordon)
        func part(_ from: SimInstant, _ to: SimInstant) -> [Milestone] {
            let start = (from - cordon).inSeconds
            let end = (to - cordon).inSeconds
            return all.filter { $0.at >= start && $0.at < end }.map {
                Milestone(at: $0.at - start, subject: $0.subject, what: $0.what)
            }
        }
        expect(part(cordon, drain), recorded["cordon"] ?? [], tolerance: 0.2)
        expect(part(drain, uncordon), recorded["drain"] ?? [], tolerance: 0.4)
        expect(part(uncordon, cluster.model.now), recorded["uncordon"] ?? [], tolerance: 0.2)
    }

    @Test("hold for a kill and a start, at every phase of the lease", arguments: 0..<20)
    func kill(seed: UInt64) throws {
        let recorded = try fixture("kill")
        var cluster = SimulatedCluster(seed: seed)
        let (node, pod) = cluster.victim
        let kill = cluster.model.now
        cluster.model.act(on: node, .turnOff)
        cluster.run(for: .seconds(115))
        let start = cluster.model.now
        cluster.model.act(on: node, .turnOn)
        cluster.run(for: .seconds(30))
        let all = cluster.milestones(node: node, pod: pod, since: kill)
        let offset = (start - kill).inSeconds
        let killed = all.filter { $0.at < offset }
        let detection = try #require(killed.first?.at)
        // ⌈grace / period⌉ · period − renewal … + 5.5 s after the kill.
        #expect((40.0...55.5).contains(detection))
        let theirs = recorded["kill"] ?? []
        expect(killed, theirs, shift: detection - (theirs.first?.at ?? 0), tolerance: 1.1)
        let started = all.filter { $0.at >= offset }.map {
            Milestone(at: $0.at - offset, subject: $0.subject, what: $0.what)
        }
        expect(started.filter { $0.subject != "replacement" }, recorded["start"] ?? [], tolerance: 0.4)
    }

    @Test("hold for a pause of 10 s and a disconnection of 30 s: nothing changes at a grace of 50 s")
    func blips() {
        for (begin, end, length) in [
            (Simulation.MachineAction.pause, Simulation.MachineAction.unpause, 10),
            (.disconnect, .connect, 30),
        ] {
            var cluster = SimulatedCluster()
            let (node, pod) = cluster.victim
            let moment = cluster.model.now
            cluster.model.act(on: node, begin)
            cluster.run(for: .seconds(length))
            cluster.model.act(on: node, end)
            cluster.run(for: .seconds(90))
            #expect(cluster.milestones(node: node, pod: pod, since: moment).isEmpty)
        }
    }
}
