import QuakeCluster
import QuakeKube
import QuakePlan
import Testing

@Suite("Seeds of steps")
struct StepPathTests {
    /// Every path of a plan of 120 steps with 120 steps in each, which is more than any plan has.
    @Test("differ for every place in a plan")
    func distinct() {
        var paths: [StepTargets.Path] = []
        for index in 0..<120 {
            let path = StepTargets.Path([index])
            paths += [path, StepTargets.Path([index], isAlways: true)] + (0..<120).map { path.child($0) }
        }
        let seeds = paths.flatMap { path in (0..<3).map { path.seed(1, repeatIndex: $0) } }
        #expect(Set(seeds).count == seeds.count)
    }

    @Test("are named as people count")
    func words() {
        #expect("\(StepTargets.Path([2]))" == "3")
        #expect("\(StepTargets.Path([2]).child(0))" == "3.1")
        #expect("\(StepTargets.Path([0], isAlways: true))" == "always 1")
    }
}

@Suite("Outcomes of several nodes")
struct WorstOutcomeTests {
    @Test("are the worst of them, by the stated order, whatever came last")
    func worst() {
        let order: [StepOutcome] = [
            .finished, .pending, .stalled, .blocked, .timedOut, .skipped, .cancelled, .refused, .failed,
        ]
        #expect(StepOutcome.allCases.sorted() == order)
        for (index, bad) in order.enumerated() {
            for milder in order.prefix(index) {
                #expect(ActionOutcome.worst(of: [ActionOutcome(bad), ActionOutcome(milder)]).outcome == bad)
                #expect(ActionOutcome.worst(of: [ActionOutcome(milder), ActionOutcome(bad)]).outcome == bad)
            }
        }
        let all = ActionOutcome.worst(of: [
            .finished, ActionOutcome(.blocked, "a"), ActionOutcome(.timedOut, "b"), ActionOutcome(.blocked, "c"),
        ])
        #expect(all == ActionOutcome(.timedOut, "b; a; c"))
        #expect(ActionOutcome.worst(of: []) == .finished)
    }
}

@Suite("What a drain shows")
struct DrainProgressTests {
    @Test("stays known after it is over")
    func kept() {
        let drain = DrainProgress()
        #expect(drain.mayShow(.blocked) && drain.mayShow(.finished))
        drain.showBlocked()
        drain.end(.finished)
        #expect(drain.hasShown(.blocked) && drain.hasShown(.finished))
    }

    @Test(
        "can no longer be met once it has ended otherwise",
        arguments: [
            (StepOutcome.finished, Condition.DrainState.blocked), (.timedOut, .finished), (.failed, .finished),
        ])
    func over(end: StepOutcome, wanted: Condition.DrainState) {
        let drain = DrainProgress()
        drain.end(end)
        #expect(!drain.hasShown(wanted) && !drain.mayShow(wanted))
        #expect(drain.words.contains(end.rawValue))
    }
}

@Suite("A workload that is known by its name")
struct WorkloadPlaceTests {
    private static func pod(_ name: String, owner kind: String, _ ownerName: String, hash: String? = nil) -> JSONValue {
        [
            "metadata": [
                "name": .string(name), "namespace": "shop",
                "labels": hash.map { ["pod-template-hash": .string($0), "tier": "front"] } ?? [:],
                "ownerReferences": [["kind": .string(kind), "name": .string(ownerName)]],
            ]
        ]
    }

    private static func place(_ kind: String, _ name: String) -> WorkloadPlace {
        WorkloadPlace(workload: name, kind: kind, namespace: "shop")
    }

    @Test("has the pods that it owns, whatever their labels")
    func owned() {
        let web = Self.pod("web-5d9f-x", owner: "ReplicaSet", "web-5d9f", hash: "5d9f")
        #expect(Self.place("deployment", "web").includes(web))
        #expect(Self.place("replicaset", "web-5d9f").includes(web))
        #expect(Self.place("pod", "web-5d9f-x").includes(web))
        #expect(!Self.place("deployment", "we").includes(web))
        #expect(!Self.place("deployment", "web-5d9f").includes(web))
        #expect(!WorkloadPlace(workload: "web", kind: "deployment", namespace: "other").includes(web))
        let set = Self.pod("log-1", owner: "DaemonSet", "log")
        #expect(Self.place("daemonset", "log").includes(set))
        #expect(!Self.place("statefulset", "log").includes(set))
    }
}
