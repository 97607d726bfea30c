import QuakeAnalysis
import QuakeTimeline
import Testing

/// Runs made of nothing but their repeats.
enum MadeRepeats {
    static func key(
        _ peering: String = "NodePort", lane: String = "echo/new", cell: [String: String] = [:],
        version: String = "v1.35.0"
    ) -> ComparisonKey {
        ComparisonKey(
            plan: "made", step: "kill", peering: peering, lane: lane, cell: cell,
            versions: ["west Kubernetes": version], nodes: ["west": "4"])
    }

    /// One repeat for each recovery, in seconds, at 50/s; three of four slots until then are bad.
    static func run(
        _ id: String, _ recoveries: [ComparisonKey: [Double]], start: Int64 = 0, settings: [String: Set<String>] = [:],
        censoredAbove limit: Double = .infinity
    ) -> FaultRepeats {
        var run = FaultRepeats(run: id, plan: "made", startUnixNanoseconds: start)
        run.settings = settings
        for (key, values) in recoveries.sorted(by: { $0.key < $1.key }) {
            run.repeats += values.enumerated().map { index, seconds in
                let recovery = Int64(seconds * 1e9)
                return FaultRepeat(
                    key: key, run: id, repeatIndex: index, periodNanoseconds: 20_000_000,
                    recoveryBoundsNanoseconds: 20_000_000, slots: 1000,
                    readings: [
                        .recovery: Reading(recovery, isCensored: seconds > limit),
                        .loss: Reading(recovery / 20_000_000 * 3 / 4 * 20_000_000), .blackout: Reading(0),
                    ])
            }
        }
        return run
    }
}

@Suite("Comparisons")
struct ComparisonTests {
    private let healthy = [4.1, 4.3, 4.5, 4.6, 4.8, 4.9, 5.0, 5.1, 5.2, 5.3]
    private let doubled = [8.2, 8.6, 9.0, 9.2, 9.6, 9.8, 10.0, 10.2, 10.4, 10.6]

    private func compare(
        _ candidate: [FaultRepeats], _ baseline: [FaultRepeats], across: Across = Across()
    ) -> RunComparison {
        Comparer(candidate: candidate, baseline: baseline, across: across).comparison()
    }

    @Test("find the key that became worse, and no other")
    func worse() throws {
        let (nodePort, loadBalancer) = (MadeRepeats.key(), MadeRepeats.key("LoadBalancer"))
        let comparison = compare(
            [MadeRepeats.run("b", [nodePort: doubled, loadBalancer: healthy.reversed()])],
            [MadeRepeats.run("a", [nodePort: healthy, loadBalancer: healthy])])
        #expect(comparison.exit == .regression)
        #expect(comparison.keys.map(\.verdict) == [.worse, .same])
        #expect(comparison.tests == 4)
        let key = try #require(comparison.keys.first)
        #expect(key.key == nodePort)
        #expect(key.reason == "recovery and loss worse")
        let recovery = try #require(key[.recovery])
        #expect(recovery.effectSize == 1)
        #expect(recovery.minimumEffect == 40_000_000)
        let difference = try #require(recovery.difference)
        #expect(difference > 4_400_000_000 && difference < 5_200_000_000)
        // 1 of the 184,756 choices, times the four tests.
        #expect(abs((recovery.worseAdjustedP ?? 1) - 4.0 / 184_756) < 1e-12)
    }

    @Test("find what became better, which is not a failure")
    func better() {
        let comparison = compare(
            [MadeRepeats.run("b", [MadeRepeats.key(): healthy])], [MadeRepeats.run("a", [MadeRepeats.key(): doubled])])
        #expect(comparison.keys.map(\.verdict) == [.better])
        #expect(comparison.verdict == .better)
        #expect(comparison.exit == .pass)
    }

    @Test("give only figures with fewer than ten repeats per side")
    func unknown() throws {
        let comparison = compare(
            [MadeRepeats.run("b", [MadeRepeats.key(): Array(doubled.prefix(9))])],
            [MadeRepeats.run("a", [MadeRepeats.key(): healthy])])
        #expect(comparison.keys.map(\.verdict) == [.unknown])
        #expect(comparison.verdict == .unknown)
        #expect(comparison.exit == .pass)
        #expect(comparison.tests == 0)
        #expect(try #require(comparison.keys.first?[.recovery]?.difference) > 4_000_000_000)
    }

    @Test("call nothing worse that is smaller than the probes can tell")
    func minimumEffect() {
        let shifted = healthy.map { $0 + 0.03 }
        let first = compare(
            [MadeRepeats.run("b", [MadeRepeats.key(): Array(repeating: 4.52, count: 10)])],
            [MadeRepeats.run("a", [MadeRepeats.key(): Array(repeating: 4.5, count: 10)])])
        // Every repeat is later, by one slot.
        #expect((first.keys[0][.recovery]?.worseAdjustedP ?? 1) < 0.001)
        #expect(first.keys[0].verdict == .same)
        let second = compare(
            [MadeRepeats.run("b", [MadeRepeats.key(): shifted])], [MadeRepeats.run("a", [MadeRepeats.key(): healthy])])
        #expect(second.keys[0].verdict == .same)
    }

    @Test("widen the minimum effect by the bounds that were seen")
    func bounds() {
        var run = MadeRepeats.run("a", [MadeRepeats.key(): healthy])
        for index in run.repeats.indices { run.repeats[index].recoveryBoundsNanoseconds = 1_020_000_000 }
        let comparison = compare([MadeRepeats.run("b", [MadeRepeats.key(): healthy.map { $0 + 0.5 }])], [run])
        #expect(comparison.keys[0][.recovery]?.minimumEffect == 540_000_000)
    }

    @Test("rank censored recoveries above all others of their bound")
    func censored() throws {
        let comparison = compare(
            [MadeRepeats.run("b", [MadeRepeats.key(): Array(repeating: 6, count: 10)], censoredAbove: 5)],
            [MadeRepeats.run("a", [MadeRepeats.key(): Array(repeating: 6, count: 10)])])
        let recovery = try #require(comparison.keys.first?[.recovery])
        #expect(recovery.effectSize == 1)
        #expect(try #require(recovery.candidate).median == Reading(6_000_000_000, isCensored: true))
        // The bounds themselves do not differ: nothing is shown to be larger.
        #expect(comparison.keys[0].verdict == .same)
    }

    @Test("list what has no match, and what prevents one")
    func unmatched() {
        let candidate = MadeRepeats.run(
            "b",
            [
                MadeRepeats.key(version: "v1.36.0"): healthy, MadeRepeats.key("LoadBalancer"): healthy,
                MadeRepeats.key(lane: "echo/pooled"): healthy,
            ])
        let baseline = MadeRepeats.run("a", [MadeRepeats.key(): healthy, MadeRepeats.key("LoadBalancer"): healthy])
        let comparison = compare([candidate], [baseline])
        #expect(comparison.keys.map(\.key.peering) == ["LoadBalancer"])
        #expect(comparison.unmatched.count == 3)
        #expect(comparison.unmatched.count(where: \.isCandidate) == 2)
        let hints = comparison.unmatched.compactMap(\.hint)
        #expect(
            hints == [
                "west Kubernetes is v1.36.0 here and v1.35.0 there; --across versions compares them",
                "the lanes there are echo/new",
                "west Kubernetes is v1.35.0 here and v1.36.0 there; --across versions compares them",
            ])
        #expect(comparison.missingAcross == ["versions"])
        let across = compare([candidate], [baseline], across: Across(["versions"]))
        #expect(across.keys.count == 2)
        #expect(across.unmatched.map(\.key.lane) == ["echo/pooled"])
    }

    @Test("call it inconclusive where nothing has its match, and name what would compare it")
    func nothing() {
        let comparison = compare(
            [MadeRepeats.run("b", [MadeRepeats.key(): healthy])],
            [MadeRepeats.run("a", [MadeRepeats.key("LoadBalancer"): healthy])])
        #expect(comparison.exit == .inconclusive)
        #expect(comparison.unmatched.count == 2)
        #expect(comparison.missingAcross == ["peering"])
        #expect(
            comparison.unmatched.first?.hint
                == "peering is NodePort here and LoadBalancer there; --across peering compares them")
    }

    /// What one side has of the cell and of the settings, and what the comparison of both must say.
    struct Changed: Sendable, CustomTestStringConvertible {
        var name: String
        var candidate: (cell: [String: String], set: [String: Set<String>])
        var baseline: (cell: [String: String], set: [String: Set<String>])
        var across: [String]
        /// Without `across`: what messages name.
        var missing: [String]
        /// With it: the values that were compared.
        var values: [Across.Values]

        var testDescription: String { name }
    }

    private static let changes = [
        Changed(
            name: "a matrix key", candidate: (["grace": "16s"], [:]), baseline: (["grace": "40s"], [:]),
            across: ["grace"], missing: ["grace"],
            values: [.init(name: "grace", baseline: "40s", candidate: "16s")]),
        Changed(
            name: "a trial setting of one side", candidate: (["nodeMonitorGracePeriod": "16s"], [:]),
            baseline: ([:], [:]),
            across: ["nodeMonitorGracePeriod"], missing: ["nodeMonitorGracePeriod"],
            values: [.init(name: "nodeMonitorGracePeriod", baseline: nil, candidate: "16s")]),
        Changed(
            name: "a variable that is a matrix key on one side", candidate: (["grace": "16s"], [:]),
            baseline: ([:], ["--set grace": ["40s"]]), across: ["grace"], missing: ["grace"],
            values: [.init(name: "grace", baseline: "40s", candidate: "16s")]),
        Changed(
            name: "a variable that has one value on each side", candidate: ([:], ["--set grace": ["16s"]]),
            baseline: ([:], ["--set grace": ["40s"]]), across: ["grace"], missing: [],
            values: [.init(name: "grace", baseline: "40s", candidate: "16s")]),
        Changed(
            name: "the same value by the matrix and by --set", candidate: (["grace": "16s"], [:]),
            baseline: ([:], ["--set grace": ["16s"]]), across: ["grace"], missing: ["grace"], values: []),
        Changed(
            name: "two keys", candidate: (["grace": "16s", "policy": "Local"], [:]),
            baseline: (["grace": "40s", "policy": "Cluster"], [:]), across: ["policy", "grace"],
            missing: ["grace", "policy"],
            values: [
                .init(name: "grace", baseline: "40s", candidate: "16s"),
                .init(name: "policy", baseline: "Cluster", candidate: "Local"),
            ]),
    ]

    @Test("compare across every matrix key and setting, and name it where it keeps sides apart", arguments: changes)
    func changed(_ change: Changed) throws {
        let candidate = MadeRepeats.run(
            "b", [MadeRepeats.key(cell: change.candidate.cell): doubled], settings: change.candidate.set)
        let baseline = MadeRepeats.run(
            "a", [MadeRepeats.key(cell: change.baseline.cell): healthy], settings: change.baseline.set)
        let apart = compare([candidate], [baseline])
        #expect(apart.missingAcross == change.missing)
        #expect(apart.exit == (change.missing.isEmpty ? .regression : .inconclusive))
        let together = compare([candidate], [baseline], across: Across(change.across))
        #expect(together.exit == .regression)
        #expect(together.unmatched == [])
        #expect(together.missingAcross == [])
        #expect(try #require(together.keys.first).across == change.values)
    }

    @Test("compare every value of the candidate with every one of the baseline, and pool none")
    func everyPair() {
        func run(_ id: String, _ values: [String: [Double]]) -> FaultRepeats {
            MadeRepeats.run(
                id,
                Dictionary(uniqueKeysWithValues: values.map { (MadeRepeats.key(cell: ["grace": $0.key]), $0.value) }))
        }
        let comparison = compare(
            [run("b", ["16s": doubled, "40s": healthy])], [run("a", ["40s": healthy])], across: Across(["grace"]))
        #expect(
            comparison.keys.map(\.words) == [
                "kill, NodePort, grace 40s → 16s, echo/new", "kill, NodePort, grace 40s, echo/new",
            ])
        #expect(comparison.keys.map(\.verdict) == [.worse, .same])
        #expect(comparison.keys.map(\.candidateRepeats) == [10, 10])
        #expect(comparison.tests == 4)
    }

    @Test("compare the methods of one run: with the earlier value of the plan, each pair once")
    func within() throws {
        let keys = ["LoadBalancer", "NodePort"].map { MadeRepeats.key($0) }
        let run = MadeRepeats.run("a", [keys[0]: healthy, keys[1]: doubled])
        let comparison = compare([run], [run], across: Across(["peering"]))
        #expect(comparison.isWithin)
        #expect(comparison.keys.map(\.words) == ["kill, LoadBalancer → NodePort, echo/new"])
        #expect(comparison.exit == .regression)
        #expect(comparison.unmatched == [])
        #expect(comparison.contrasts.allSatisfy { $0.isCandidate })
        let key = try #require(comparison.keys.first)
        #expect(key.key.peering == "")
        #expect(try #require(key[.recovery]?.difference) > 0)
    }

    @Test("compare three values of one run in the order of the plan, not of the alphabet")
    func threeWithin() {
        var run = FaultRepeats(run: "a", plan: "made")
        for value in ["8s", "16s", "40s"] {
            run.repeats += MadeRepeats.run("a", [MadeRepeats.key(cell: ["grace": value]): healthy]).repeats
        }
        let comparison = compare([run], [run], across: Across(["grace"]))
        #expect(
            Set(comparison.keys.flatMap(\.across).map(\.words)) == ["8s → 16s", "8s → 40s", "16s → 40s"])
        let single = MadeRepeats.run("a", [MadeRepeats.key(): healthy])
        let nothing = compare([single], [single], across: Across(["peering"]))
        #expect(nothing.exit == .inconclusive)
        #expect(nothing.unmatched.map(\.hint) == ["there is no other value of peering"])
    }

    @Test(
        "say what the other side has instead, where no option compares it",
        arguments: [
            (
                ComparisonKey(plan: "other", step: "kill", peering: "NodePort", lane: "echo/new"),
                "the plan there is other"
            ),
            (
                ComparisonKey(plan: "made", step: "drain", peering: "NodePort", lane: "echo/new"),
                "the faults there are those of drain"
            ),
            (
                ComparisonKey(plan: "made", step: "kill", peering: "NodePort", lane: "echo/stream"),
                "the lanes there are echo/stream"
            ),
        ])
    func absent(_ there: ComparisonKey, _ words: String) {
        let comparison = compare(
            [MadeRepeats.run("b", [MadeRepeats.key(): healthy])], [MadeRepeats.run("a", [there: healthy])])
        #expect(comparison.unmatched.first?.hint == words)
        #expect(comparison.missingAcross == [])
    }

    @Test("know the names that runs can be compared across")
    func names() {
        let run = MadeRepeats.run(
            "a", [MadeRepeats.key(cell: ["grace": "4s"]): healthy],
            settings: ["--set hold": ["5s"], "kubectl": ["v1.32.4"]])
        #expect(Across.names(in: [run]) == ["versions", "nodes", "peering", "grace", "hold"])
    }

    @Test("pool several runs per side, and list the settings that they do not share")
    func pooled() {
        let half = [healthy.prefix(5), healthy.suffix(5)].map(Array.init)
        let baseline = half.enumerated().map { index, values in
            MadeRepeats.run("a\(index)", [MadeRepeats.key(): values], start: Int64(-index))
        }
        let candidate = MadeRepeats.run("b", [MadeRepeats.key(): doubled], settings: ["--set grace": ["8s"]])
        let comparison = compare([candidate], baseline)
        #expect(comparison.exit == .regression)
        #expect(comparison.baseline.runs == ["a1", "a0"])
        #expect(
            comparison.differences == [.init(setting: "--set grace", baseline: [], candidate: ["8s"])])
    }

    @Test("pair what one run interleaved")
    func paired() throws {
        // The two methods drift together, and NodePort is always half a second later.
        let drift = healthy.enumerated().map { $0.element + Double($0.offset) }
        let run = MadeRepeats.run(
            "b", [MadeRepeats.key(): drift.map { $0 + 0.5 }, MadeRepeats.key("LoadBalancer"): drift])
        let comparison = compare([run], [MadeRepeats.run("a", [MadeRepeats.key(): healthy])])
        let contrast = try #require(comparison.contrasts.first { $0.measure == .recovery })
        #expect(comparison.contrasts.count == 2)
        #expect((contrast.value, contrast.reference, contrast.pairs) == ("NodePort", "LoadBalancer", 10))
        #expect(abs(contrast.difference - 500_000_000) < 1000)
        #expect(contrast.low > 499_000_000 && contrast.high < 501_000_000)
        #expect(contrast.p == 2.0 / 1024)
    }

    @Test("come out the same again")
    func reproducible() {
        let runs = (
            MadeRepeats.run("b", [MadeRepeats.key(): doubled]), MadeRepeats.run("a", [MadeRepeats.key(): healthy])
        )
        #expect(compare([runs.0], [runs.1]) == compare([runs.0], [runs.1]))
    }
}
