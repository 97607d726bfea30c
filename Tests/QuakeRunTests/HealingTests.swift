import Foundation
import QuakeArchive
import QuakeCluster
import QuakeKube
import QuakeRun
import QuakeTestSupport
import QuakeTimeline
import Synchronization
import Testing

/// An entry of a journal.
private func entry(
    _ id: Int, _ inverse: Inverse, cluster: String = "west", status: JournalEntry.Status = .applied, trial: Int? = 0,
    deadline: Int64? = nil
) throws -> JournalEntry {
    JournalEntry(
        id: id, cluster: cluster, clusterUID: FakeCluster.uid, action: "test", about: inverse.words,
        inverse: String(decoding: try JSONEncoder().encode(inverse), as: UTF8.self), deadlineUnixMillis: deadline,
        status: status, trial: trial)
}

private func kill(_ node: String) -> Inverse { .restoreNode(node: node, uid: "uid-\(node)") }
private let deployment = "/apis/apps/v1/namespaces/shop/deployments/web"
private let nodes: [String: [String: JournalNode]] = [
    "west": [
        "control": JournalNode(isControlPlane: true, machine: "m-control"),
        "worker": JournalNode(isControlPlane: false, machine: "m-worker"),
        "worker2": JournalNode(isControlPlane: false, machine: "m-worker2"),
    ]
]

@Suite("The order of healing")
struct HealingPlanTests {
    @Test("is control planes' power, other nodes' power, API changes newest first, and Ready, whatever came first")
    func order() throws {
        let plan = HealingPlan(
            [
                try entry(1, .uncordon(node: "worker", uid: "u")), try entry(2, kill("worker")),
                try entry(3, .scale(namespace: "shop", kind: "deployment", name: "web", uid: "d", replicas: 2)),
                try entry(4, kill("control")), try entry(5, .none), try entry(6, kill("worker2")),
                try entry(7, kill("worker")), try entry(8, kill("worker"), status: .reverted),
            ], nodes: nodes)
        let site = try #require(plan.sites["west"])
        #expect(site.controlPlanes.map { $0.map(\.entry.id) } == [[4]])
        #expect(site.nodes.map { $0.map(\.entry.id) } == [[7, 2], [6]])
        #expect(site.changes.map(\.entry.id) == [3, 1])
        #expect(site.awaited.map(\.entry.id) == [7, 6, 4, 2])
        #expect(plan.nothing.map(\.id) == [5])
    }

    @Test("knows nothing of roles in a journal that does not tell, and starts all nodes at once")
    func oldJournal() throws {
        let old = #"{"run":"r","plan":"p","environment":"kind","kubeconfig":"kc","contexts":{},"uids":{}}"#
        let header = try JSONDecoder().decode(JournalHeader.self, from: Data(old.utf8))
        #expect(header.nodes == nil)
        let plan = HealingPlan(
            [try entry(1, kill("control")), try entry(2, kill("worker"))], nodes: header.nodes ?? [:])
        #expect(plan.sites["west"]?.controlPlanes.isEmpty == true)
        #expect(plan.sites["west"]?.nodes.count == 2)
    }

    @Test("what it reads of a deletion that an older version journaled has no mark")
    func oldDeletion() throws {
        let text = #"{"delete":{"path":"/p","uid":""}}"#
        #expect(try JSONDecoder().decode(Inverse.self, from: Data(text.utf8)) == .delete(path: "/p", uid: ""))
    }

    @Test("it lasts five minutes, or until the last deadline of a fault")
    func limit() throws {
        let fault = try entry(1, kill("worker"), deadline: 400_000)
        let setting = try entry(2, .setFlags(["a": "b"]), trial: nil, deadline: 3_600_000)
        #expect(HealingLimit.limit(of: [fault, setting], at: 0) == .seconds(400))
        #expect(HealingLimit.limit(of: [fault, setting], at: 300_000) == .seconds(300))
    }
}

@Suite("Healing a cluster", .timeLimit(.minutes(3)))
final class HealingTests: Sendable {
    private let fake = FakeCluster()
    private let clock = ManualClock()
    private let news = Mutex<[String]>([])
    private let written = Mutex<[String]>([])

    private func heal(
        _ entries: [JournalEntry], known: Bool = true, permit: ClusterPermit? = nil, isHurried: Bool = false
    ) async -> [Int: HealingOutcome] {
        var cluster = fake.cluster
        cluster.permit = permit
        var healer = Healer(["west": { [cluster] in cluster }], nodes: known ? nodes : nil, clock: clock)
        healer.write = { [self] entry in written.withLock { $0.append("\(entry.id) \(entry.status.rawValue)") } }
        healer.isHurried = { isHurried }
        healer.tell = { [self] entry, news in
            if case .delayed(let why) = news { self.news.withLock { $0.append("\(entry.id): \(why)") } }
        }
        return await healer.heal(entries, within: .seconds(300))
    }

    private func addNodes() {
        for (name, node) in nodes["west"] ?? [:] { fake.add(name, machine: node.machine) }
    }

    @Test("whose control plane is dead, starts that first and at once, and needs no answer of its API for it")
    func deadControlPlane() async throws {
        addNodes()
        fake.set(up: false)
        fake.put(deployment, ["metadata": ["name": "web", "uid": "d"], "spec": ["replicas": 0]])
        let outcomes = await heal([
            try entry(1, .scale(namespace: "shop", kind: "deployment", name: "web", uid: "d", replicas: 2)),
            try entry(2, kill("control")), try entry(3, kill("worker")), try entry(4, kill("worker2")),
            try entry(5, .uncordon(node: "worker", uid: "uid-worker")),
        ])
        #expect(outcomes.values.allSatisfy { $0 == .healed } && outcomes.count == 5)
        let log = fake.log
        #expect(log.first == "start control")
        #expect(Set(log[1...2]) == ["start worker", "start worker2"])
        #expect(log.dropFirst(3) == ["PATCH /api/v1/nodes/worker", "PATCH \(deployment)"])
        #expect(clock.now.offset < .seconds(1))
        #expect(written.withLock { $0.filter { $0.hasSuffix("reverted") }.count } == 5)
    }

    @Test("continues with everything else while one node does not start, until the time is up, and says why")
    func stuckNode() async throws {
        addNodes()
        fake.stick("worker")
        let outcomes = await heal([try entry(1, kill("worker")), try entry(2, kill("worker2"))])
        #expect(outcomes[2] == .healed)
        #expect(outcomes[1] == .failed("worker is stuck"))
        #expect(news.withLock { $0 } == ["1: worker is stuck"])
        #expect(clock.now.offset >= .seconds(300))
        // The pauses grow, and stay small enough that a node comes back soon after what held it up.
        #expect(clock.sleeps.max() == .seconds(5))
        #expect(written.withLock { $0.contains("1 reverted") } == false)
    }

    @Test("that does not answer is asked again and again; on a second signal, once")
    func unreachable() async throws {
        fake.set(up: false)
        let change = try entry(1, .uncordon(node: "worker", uid: "u"))
        let late = await heal([change])
        guard case .failed(let why)? = late[1] else {
            Issue.record("\(late)")
            return
        }
        #expect(why.contains("/api/v1/namespaces/kube-system"))
        #expect(clock.now.offset >= .seconds(300))
        let before = clock.now
        _ = await heal([change], isHurried: true)
        #expect(clock.now == before)
    }

    @Test("leaves a machine that is gone or was recreated alone, and says so")
    func otherMachines() async throws {
        fake.add("worker", machine: "m-of-somebody-else")
        let outcomes = await heal([try entry(1, kill("worker")), try entry(2, kill("worker2"))])
        #expect(outcomes == [1: .foreign, 2: .gone])
        #expect(fake.log.isEmpty)
    }

    @Test("whose machines nothing but its API tells, looks at its uid before it starts any")
    func unknownMachines() async throws {
        addNodes()
        #expect(await heal([try entry(1, kill("worker"))], known: false) == [1: .healed])
        fake.put("/api/v1/namespaces/kube-system", ["metadata": ["uid": "another"]])
        let outcomes = await heal([try entry(1, kill("worker2"))], known: false)
        #expect(outcomes == [1: .failed("west is now another cluster: nothing was touched")])
        #expect(fake.log == ["start worker"])
    }

    @Test("that another run holds now, touches nothing and leaves it to be undone")
    func withheld() async throws {
        addNodes()
        let permit = ClusterPermit { "another-run" }
        let outcomes = await heal([try entry(1, kill("worker"))], permit: permit)
        #expect(outcomes == [1: .withheld("another-run")])
        #expect(fake.log.isEmpty && written.withLock { $0.isEmpty })
    }

    @Test("leaves an object that is gone, or that has another uid, alone, and says so")
    func otherObjects() async throws {
        fake.put("/api/v1/nodes/worker", ["metadata": ["name": "worker", "uid": "another"]])
        fake.put("/p/old", ["metadata": ["name": "old", "uid": "another"]])
        fake.put("/p/made", ["metadata": ["name": "made", "uid": "another"]])
        let outcomes = await heal([
            try entry(1, .uncordon(node: "worker", uid: "uid-worker")),
            try entry(2, .replace(path: "/p/old", object: ["metadata": ["name": "old", "uid": "o"]])),
            try entry(3, .delete(path: "/p/made", uid: "ours")),
            try entry(4, .patch(path: "/p/gone", uid: "g", patch: [:])),
            try entry(5, .replace(path: "/p/gone", object: ["metadata": ["uid": "g"]])),
            try entry(6, .delete(path: "/p/gone", uid: "g")),
        ])
        #expect(outcomes == [1: .foreign, 2: .foreign, 3: .foreign, 4: .gone, 5: .gone, 6: .gone])
        #expect(fake.log.isEmpty)
        #expect(clock.sleeps.isEmpty)
    }

    @Test("deletes what it was about to make by its mark alone, and nothing that has none")
    func marks() async throws {
        func object(_ mark: String) -> JSONValue {
            ["metadata": ["name": "a", "uid": "x", "annotations": [MadeObject.annotation: .string(mark)]]]
        }
        fake.put("/p/ours", object("mark"))
        fake.put("/p/theirs", object("another"))
        let outcomes = await heal([
            try entry(1, .delete(path: "/p/ours", uid: "", mark: "mark"), status: .intended),
            try entry(2, .delete(path: "/p/theirs", uid: "", mark: "mark"), status: .intended),
            try entry(3, .delete(path: "/p/never", uid: "", mark: "mark"), status: .intended),
            try entry(4, .delete(path: "/p/theirs", uid: "")),
        ])
        #expect(outcomes[1] == .healed && outcomes[2] == .foreign && outcomes[3] == .healed)
        guard case .failed(let why)? = outcomes[4] else {
            Issue.record("\(outcomes)")
            return
        }
        #expect(why.contains("may be the run's own object, or another one"))
        #expect(fake.log == ["DELETE /p/ours"])
    }

    private static func budget(_ spec: JSONValue, uid: String = "b") -> JSONValue {
        ["metadata": ["name": "budget", "uid": .string(uid), "resourceVersion": "7"], "spec": spec]
    }

    private static let stricter = Inverse.restore(
        path: "/p/budget", uid: "b",
        changes: ObjectDifference.changes(from: budget(["maxUnavailable": 1]), to: budget(["minAvailable": 2])))

    @Test("restores the fields that a call changed, of the very object, guarded by its version")
    func fields() async throws {
        fake.put("/p/budget", Self.budget(["minAvailable": 2, "theirs": true]))
        #expect(await heal([try entry(1, Self.stricter)]) == [1: .healed])
        #expect(fake.object("/p/budget") == Self.budget(["maxUnavailable": 1, "theirs": true]))
        #expect(await heal([try entry(1, Self.stricter)]) == [1: .healed])
        #expect(fake.log == ["PUT /p/budget"])
        fake.put("/p/budget", Self.budget(["minAvailable": 2], uid: "another"))
        #expect(await heal([try entry(1, Self.stricter)]) == [1: .foreign])
        fake.put("/p/budget", nil)
        #expect(await heal([try entry(1, Self.stricter)]) == [1: .gone])
    }

    @Test("leaves a field that others have changed since, and names it")
    func changedFields() async throws {
        fake.put("/p/budget", Self.budget(["minAvailable": 3]))
        #expect(await heal([try entry(1, Self.stricter)]) == [1: .partly("spec.minAvailable")])
        #expect(fake.object("/p/budget") == Self.budget(["maxUnavailable": 1, "minAvailable": 3]))
    }

    @Test("continues with what was made before only when what was made after is gone", .timeLimit(.minutes(3)))
    func awaitedDeletions() async throws {
        fake.put("/p/first", ["metadata": ["name": "first", "uid": "1"]])
        fake.put("/p/last", ["metadata": ["name": "last", "uid": "2", "finalizers": ["x/y"]]])
        fake.hold("/p/last", forReads: 1)
        let outcomes = await heal([
            try entry(1, .delete(path: "/p/first", uid: "1", mark: "m")),
            try entry(2, .delete(path: "/p/last", uid: "2", mark: "m")),
        ])
        #expect(outcomes == [1: .healed, 2: .healed])
        #expect(fake.log == ["DELETE /p/last", "gone /p/last", "DELETE /p/first"])
    }

    @Test("keeps its outcome as one text, that of older archives among them")
    func texts() throws {
        for outcome in [
            HealingOutcome.healed, .gone, .foreign, .partly("spec.a, spec.b"), .withheld("another-run"),
            .failed("because"),
        ] {
            let data = try JSONEncoder().encode([outcome])
            #expect(try JSONDecoder().decode([HealingOutcome].self, from: data) == [outcome])
        }
        let old = #"["healed","failed: west cannot be reached"]"#
        #expect(
            try JSONDecoder().decode([HealingOutcome].self, from: Data(old.utf8))
                == [.healed, .failed("west cannot be reached")])
    }
}
