import QuakeCluster
import QuakeKube
import QuakePlan
import Testing

@Suite("How a drain ended")
struct DrainJudgeTests {
    private static let blockedWords =
        "Cannot evict pod as it would violate the pod's disruption budget. The disruption budget web needs 2 healthy pods and has 2 currently"
    private static let begun = "node/n cordoned\nevicting pod shop/web-1\n"

    private func judge(
        said: String = "error: unable to drain node \"n\", aborting command...", output: String = begun,
        seconds: Int64 = 15, objections: [(pod: String, objection: PodFilter.Objection)] = [], unread: String? = nil,
        _ remaining: RemainingPod...
    ) -> ActionOutcome {
        DrainJudge(
            ended: CommandResult(
                arguments: [], standardOutput: output, standardError: said, exitCode: 1,
                durationNanoseconds: seconds * 1_000_000_000),
            limit: .seconds(15),
            remains: DrainRemains(objections: objections, pods: remaining, unread: unread)
        ).outcome
    }

    @Test("finished where kubectl succeeded, whatever it was told on the way")
    func finished() {
        let ended = CommandResult(
            arguments: [], standardError: "error when evicting pods/\"a\" (will retry after 5s): \(Self.blockedWords)")
        #expect(DrainJudge(ended: ended, limit: .seconds(1), remains: DrainRemains()).outcome == .finished)
    }

    @Test("blocked where the server would not let a pod go, with its words, the budget and since when")
    func blocked() {
        let outcome = judge(
            RemainingPod(
                name: "shop/web-1", answer: .held(Self.blockedWords), budgets: ["web"], heldSince: .milliseconds(300)))
        #expect(outcome.outcome == .blocked)
        #expect(
            outcome.detail == "shop/web-1: \(Self.blockedWords) (budget web; held since 0.3 s after the drain began)")
        // Two budgets: 500, at once, and the server does not say which.
        let two = judge(
            seconds: 1,
            RemainingPod(
                name: "shop/web-1", answer: .ambiguous("This pod has more than one PodDisruptionBudget"),
                budgets: ["a", "b"]))
        #expect(two.outcome == .blocked)
        #expect(two.detail.contains("more than one") && two.detail.contains("(budgets a, b; held when time was up)"))
    }

    @Test("timed out where a pod took its time, and all reasons are there, worst first")
    func timedOut() {
        let outcome = judge(
            RemainingPod(name: "shop/web-1", answer: .held("no")),
            RemainingPod(
                name: "default/slow", isTerminating: true, terminatingSince: .seconds(1), gracePeriod: .seconds(120)))
        #expect(outcome.outcome == .timedOut)
        #expect(
            outcome.detail
                == "default/slow is terminating since 1 s after the drain began, with a grace period of 120 s; "
                + "shop/web-1: no (held when time was up)")
        #expect(judge(seconds: 15).outcome == .timedOut)
        #expect(judge(said: "error: global timeout reached: 15s", seconds: 1).outcome == .timedOut)
        #expect(judge(said: "error: context deadline exceeded", seconds: 1).outcome == .timedOut)
        #expect(judge(RemainingPod(name: "a/b", answer: .allowed)).outcome == .timedOut)
    }

    @Test(
        "refused where kubectl would not begin, with the option that allows it, in the words of every version",
        arguments: [
            "error: unable to drain node \"n\", aborting command...\n\nThere are pending nodes to be drained:\n n\nerror: cannot delete Pods not managed by ReplicationController, ReplicaSet, Job, DaemonSet or StatefulSet (use --force to override): default/shell",
            "error: unable to drain node \"n\" due to error: cannot delete cannot delete Pods that declare no controller (use --force to override): default/shell, continuing command...\nThere are pending nodes to be drained:\n n\ncannot delete cannot delete Pods that declare no controller (use --force to override): default/shell",
        ])
    func refused(said: String) {
        let outcome = judge(
            said: said, output: "node/n cordoned\n", seconds: 1,
            objections: [("default/shell", .noController), ("default/cache", .localStorage)],
            RemainingPod(name: "shop/web-1", answer: .allowed))
        #expect(outcome.outcome == .refused)
        #expect(outcome.detail.hasPrefix("default/cache has local storage"))
        #expect(outcome.detail.contains("default/shell declares no controller"))
        #expect(
            outcome.detail.contains("`force: true` allows it") && outcome.detail.contains("use --force to override"))
        #expect(!outcome.detail.contains("web-1"))
        // A pod that others delete, before or meanwhile, is not what kubectl began with.
        for before in [true, false] {
            let slow = RemainingPod(
                name: "shop/slow", isTerminating: true, terminatingSince: .milliseconds(100), wasTerminating: before)
            let same = judge(
                said: said, output: "node/n cordoned\n", seconds: 1, objections: [("default/shell", .noController)],
                slow)
            #expect(same.outcome == .refused && !same.detail.contains("slow"))
        }
        // What the rules do not know, kubectl's own words tell.
        let orphan = judge(
            said: "error: cannot delete daemonsets.apps \"log\" not found: kube-system/log-1",
            output: "node/n cordoned\n", seconds: 1)
        #expect(orphan.outcome == .refused && orphan.detail.contains("daemonsets.apps"))
    }

    @Test("timed out where a pod was terminating before, which is said")
    func terminatingBefore() {
        let slow = RemainingPod(
            name: "shop/slow", isTerminating: true, terminatingSince: .milliseconds(100), wasTerminating: true)
        let outcome = judge(slow)
        #expect(outcome.outcome == .timedOut)
        #expect(
            outcome.detail
                == "shop/slow is terminating since before the drain began, with a grace period of 30 s")
    }

    @Test("failed for every other reason, with the missing right where it is one")
    func failed() {
        let words =
            "pods \"web-1\" is forbidden: User \"ci\" cannot create resource \"pods/eviction\" in API group \"\" in the namespace \"shop\""
        let error = KubeError(.forbidden, words, httpStatus: 403)
        let outcome = judge(seconds: 1, RemainingPod(name: "shop/web-1", answer: EvictionAnswer(error)))
        #expect(outcome.outcome == .failed)
        #expect(outcome.detail.contains("the account may not create pods/eviction in the namespace shop"))
        let nodes = judge(
            said:
                "error: unable to cordon node \"n\": nodes \"n\" is forbidden: User \"ci\" cannot patch resource \"nodes\" in API group \"\" at the cluster scope",
            output: "", seconds: 1, objections: [("default/shell", .noController)],
            RemainingPod(name: "shop/web-1", answer: .allowed))
        #expect(nodes.outcome == .failed && nodes.detail.contains("may not patch nodes in the whole cluster"))
        // It ended by itself, and nothing of the pods explains that: a 429 would have been tried again.
        for pod in [
            RemainingPod(name: "shop/web-1", isTerminating: true),
            RemainingPod(name: "shop/web-1", answer: .held("no")),
        ] {
            let lost = judge(said: "error: unexpected EOF", seconds: 1, pod)
            #expect(lost.outcome == .failed && lost.detail.hasPrefix("error: unexpected EOF"), "\(lost)")
        }
        // No cluster answers: pods that it would not have begun for are no reason.
        let away = judge(
            said: "Unable to connect to the server: dial tcp", output: "", seconds: 1,
            objections: [("default/shell", .noController)])
        #expect(away == ActionOutcome(.failed, "Unable to connect to the server: dial tcp"))
    }

    @Test("what a dry run cannot tell, the budgets do; where nothing can be read, kubectl's lines do")
    func untold() {
        let webhook = EvictionAnswer.untold("admission webhook \"w\" does not support dry run")
        let free = judge(RemainingPod(name: "shop/web-1", answer: webhook))
        #expect(free.outcome == .timedOut)
        let held = judge(
            RemainingPod(name: "shop/web-1", answer: webhook, budgets: ["web"], heldSince: .seconds(1)))
        #expect(held.outcome == .blocked && held.detail.contains("budget web; held since 1 s"))
        let line = "error when evicting pods/\"web-1\" -n \"shop\" (will retry after 5s): \(Self.blockedWords)\n"
        let unread = judge(said: line + "error: global timeout reached: 15s", unread: "connection refused")
        #expect(unread == ActionOutcome(.blocked, "shop/web-1: \(Self.blockedWords)"))
        let gone = judge(
            said: line + "error: global timeout reached: 15s", output: Self.begun + "pod/web-1 evicted\n",
            unread: "connection refused")
        #expect(gone.outcome == .timedOut && gone.detail.contains("connection refused"))
    }

    @Test("answers differ by status and reason")
    func answers() {
        #expect(EvictionAnswer(KubeError(.notFound, "x", httpStatus: 404)) == .gone)
        let other = KubeError(.conflict, "the UID in the precondition (a) does not match", httpStatus: 409)
        #expect(EvictionAnswer(other) == .gone)
        let webhook = KubeError(
            .tooManyRequests, "admission webhook \"guard\" denied the request: busy", httpStatus: 429)
        #expect(EvictionAnswer(webhook) == .held("admission webhook \"guard\" denied the request: busy"))
        let busy = KubeError(.tooManyRequests, "Too many requests, please try again later.\n", httpStatus: 429)
        #expect(EvictionAnswer(busy) == .untold(busy.message))
        let status: JSONValue = [
            "details": ["causes": [["reason": "DisruptionBudget", "message": "The budget b needs 2"]]]
        ]
        let budget = KubeError(.tooManyRequests, "Cannot evict pod.", httpStatus: 429, status: status)
        #expect(EvictionAnswer(budget) == .held("Cannot evict pod. The budget b needs 2"))
        let denied = KubeError(.forbidden, "admission webhook \"guard\" denied the request: never", httpStatus: 403)
        #expect(EvictionAnswer(denied) == .failed("admission webhook \"guard\" denied the request: never"))
        let several = KubeError(
            .server, "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.",
            httpStatus: 500)
        #expect(EvictionAnswer(several) == .ambiguous(several.message))
        if case .failed = EvictionAnswer(KubeError(.server, "etcd is down", httpStatus: 500)) {
        } else {
            Issue.record("a 500 of another cause is no budget's")
        }
    }
}

@Suite("What budgets say about a pod")
struct BudgetStateTests {
    private func pod(_ name: String = "p", ready: Bool = true, phase: String = "Running") -> JSONValue {
        [
            "metadata": ["name": .string(name), "namespace": "d", "uid": .string(name), "labels": ["app": "web"]],
            "status": [
                "phase": .string(phase), "conditions": [["type": "Ready", "status": ready ? "True" : "False"]],
            ],
        ]
    }

    private func budget(
        allowed: Int64 = 0, observed: Int64 = 1, healthy: Int64 = 2, desired: Int64 = 2, app: String = "web",
        policy: String? = nil, disrupted: [String: JSONValue] = [:]
    ) -> BudgetState {
        var spec: JSONValue = ["selector": ["matchLabels": ["app": .string(app)]]]
        if let policy { spec["unhealthyPodEvictionPolicy"] = .string(policy) }
        return BudgetState([
            "metadata": ["name": "b", "namespace": "d", "generation": 1], "spec": spec,
            "status": [
                "observedGeneration": .int(observed), "disruptionsAllowed": .int(allowed),
                "currentHealthy": .int(healthy), "desiredHealthy": .int(desired),
                "disruptedPods": .object(disrupted),
            ],
        ])
    }

    @Test("is what the API server's eviction handler would")
    func holds() {
        #expect(BudgetState.hold(pod(), [budget()]))
        #expect(!BudgetState.hold(pod(), [budget(allowed: 1)]))
        #expect(!BudgetState.hold(pod(), [budget(app: "other")]))
        #expect(!BudgetState.hold(pod(), []))
        // Not seen by its controller yet; more than one; let pass already.
        #expect(BudgetState.hold(pod(), [budget(allowed: 1, observed: 0)]))
        #expect(BudgetState.hold(pod(), [budget(allowed: 1), budget(allowed: 1)]))
        #expect(!BudgetState.hold(pod(), [budget(disrupted: ["p": "2026-01-01T00:00:00Z"])]))
        // Pods that are not ready.
        #expect(!BudgetState.hold(pod(ready: false), [budget()]))
        #expect(BudgetState.hold(pod(ready: false), [budget(healthy: 1)]))
        #expect(!BudgetState.hold(pod(ready: false), [budget(healthy: 1, policy: "AlwaysAllow")]))
        for phase in ["Pending", "Succeeded", "Failed"] {
            #expect(!BudgetState.hold(pod(phase: phase), [budget()]))
        }
    }

    @Test("counts from when it began without a break, and only what lasts is shown")
    func track() {
        var track = DrainTrack()
        let held = [budget()]
        func look(_ pod: JSONValue, _ budgets: [BudgetState], _ milliseconds: Int) -> Bool {
            track.look(at: [pod], budgets, after: .milliseconds(milliseconds))
        }
        #expect(!look(pod(), held, 100))
        #expect(!look(pod(), held, 500))
        #expect(look(pod(), held, 600))
        #expect(track.heldSince == ["p": .milliseconds(100)])
        #expect(!look(pod(), [budget(allowed: 1)], 700))
        #expect(track.heldSince.isEmpty)
        #expect(!look(pod(), held, 800))
        var leaving = pod()
        leaving.set("2026-01-01T00:00:00Z", at: "metadata", "deletionTimestamp")
        #expect(!look(leaving, held, 2000))
        #expect(!look(leaving, held, 3000))
        #expect(track.heldSince.isEmpty && track.terminatingSince == ["p": .seconds(2)])
    }
}

@Suite("What kubectl drain does with a pod")
struct PodFilterTests {
    private func pod(
        owner: String? = "ReplicaSet", volumes: JSONValue = [], phase: String = "Running", mirror: Bool = false
    ) -> JSONValue {
        var pod: JSONValue = [
            "metadata": ["name": "p", "namespace": "d"], "spec": ["volumes": volumes],
            "status": ["phase": .string(phase)],
        ]
        if let owner {
            pod.set([["kind": .string(owner), "name": "o", "controller": true]], at: "metadata", "ownerReferences")
        }
        if mirror { pod.set(["kubernetes.io/config.mirror": "x"], at: "metadata", "annotations") }
        return pod
    }

    @Test("by its controller, its volumes and its phase")
    func table() {
        let scratch: JSONValue = [["name": "s", "emptyDir": [:]]]
        let filter = PodFilter()
        #expect(filter.fate(of: pod()) == .goes([]))
        #expect(filter.fate(of: pod(owner: "DaemonSet")) == .stays)
        #expect(filter.fate(of: pod(owner: "DaemonSet", phase: "Failed")) == .goes([]))
        #expect(filter.fate(of: pod(owner: nil, mirror: true)) == .stays)
        #expect(filter.fate(of: pod(volumes: scratch)) == .goes(.data))
        #expect(filter.fate(of: pod(owner: nil)) == .refuses(.noController))
        #expect(filter.fate(of: pod(owner: nil, phase: "Succeeded")) == .goes([]))
        let strict = PodFilter(ignoreDaemonSets: false, deleteEmptyDirData: false)
        #expect(strict.fate(of: pod(owner: "DaemonSet")) == .refuses(.daemonSet))
        #expect(strict.fate(of: pod(volumes: scratch)) == .refuses(.localStorage))
        #expect(strict.fate(of: pod(volumes: scratch, phase: "Failed")) == .goes([]))
        let bold = PodFilter(force: true)
        #expect(bold.fate(of: pod(owner: nil, volumes: scratch)) == .goes([.pod, .data]))
    }

    @Test("and what nothing brings back is listed, as is what it would not begin for")
    func losses() {
        let scratch: JSONValue = [["name": "s", "emptyDir": [:]]]
        let pods = [pod(owner: nil), pod(volumes: scratch), pod(owner: "DaemonSet")]
        let bold = NodeLosses(pods, PodFilter(force: true))
        #expect(
            bold.words == [
                "nothing makes d/p again (inverse: none)", "emptyDir volumes are lost with d/p (inverse: none)",
            ])
        #expect(bold.objections.isEmpty)
        let careful = NodeLosses(pods, PodFilter())
        #expect(careful.pods.isEmpty && careful.data == ["d/p"])
        #expect(careful.objections.count == 1 && careful.objections[0].hasPrefix("d/p declares no controller"))
    }
}
