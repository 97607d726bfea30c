import QuakePlan
import QuakePlanFiles
import Testing

struct PlanTests {
    private func everything(_ options: PlanOptions = PlanOptions()) throws -> Plan {
        let path = "\(Repository.root)/Tests/QuakePlanTests/Fixtures/everything.yaml"
        return try Plan.load(path: path, options: options)
    }

    private func cell(_ peering: String, _ who: String, _ grace: String) throws -> Cell {
        let labels = ["peering": peering, "who": who, "nodeMonitorGracePeriod": grace]
        return try #require(try everything().cells.first { $0.labels == labels })
    }

    @Test func theHeaderIsRead() throws {
        let plan = try everything()
        #expect(plan.name == "everything" && plan.description == "Every key of the format.")
        #expect(plan.clusters == ["east", "west"] && plan.repeats == 2 && plan.seed == 42)
        #expect(plan.source.hasPrefix("# Every key") && plan.path.hasSuffix("everything.yaml"))
        #expect(plan.variables.contains(Variable(name: "hold", value: "1m30s")))
        #expect(!plan.variables.contains { $0.name == "who" })
        #expect(plan.matrix.map(\.name) == ["peering", "who", "nodeMonitorGracePeriod"])
        #expect(plan.matrix.map(\.kind) == [.setting, .variable, .setting])
    }

    @Test func gracePeriodVariesSlowestAndPeeringFastest() throws {
        let plan = try everything()
        let order = plan.cells.map { cell in
            ["nodeMonitorGracePeriod", "who", "peering"].compactMap { cell.labels[$0] }.joined(separator: " ")
        }
        #expect(
            order == [
                "16s gateway LoadBalancer", "16s gateway NodePort", "16s istiod LoadBalancer", "16s istiod NodePort",
                "40s gateway LoadBalancer", "40s gateway NodePort", "40s istiod LoadBalancer", "40s istiod NodePort",
            ])
        #expect(plan.trials.map(\.cell) == Array(0..<8) + Array(0..<8))
        #expect(plan.trials.map(\.repeatIndex) == Array(repeating: 0, count: 8) + Array(repeating: 1, count: 8))
    }

    @Test func settingsComeFromTheMatrixAndThePlan() throws {
        let settings = try cell("NodePort", "istiod", "40s").settings
        let expected = TrialSettings(
            peering: .nodePort, nodeMonitorGracePeriod: .seconds(40), externalTrafficPolicy: .local)
        #expect(settings == expected)
    }

    @Test func trafficIsReadWithMergesAndDefaults() throws {
        let traffic = try cell("NodePort", "gateway", "16s").traffic
        #expect(
            traffic[0]
                == Traffic(
                    name: "echo", url: "http://echo.demo.mesh.internal:8080/", from: "east", to: "west",
                    pooledConnections: 8))
        let back = traffic[1]
        #expect(back.name == "back" && back.from == "west" && back.rate == 10 && back.connections == [.stream])
        #expect(back.method == "POST" && back.body == "hello" && back.pooledConnections == 8)
        #expect(back.headers == ["x-test": "1", "x-text": "a ${literal}"])
        #expect(back.expectStatus == 201 && traffic[0].expectStatus == 200)
        #expect(traffic[2].caFile == "everything.yaml" && !traffic[2].insecure)
        #expect(traffic[3].caFile == nil && traffic[3].insecure)
    }

    @Test func stepsAreRead() throws {
        let cell = try cell("NodePort", "istiod", "16s")
        let first = try #require(cell.steps.first)
        guard case .parallel(let inner) = first.body else {
            Issue.record("the first step is a parallel")
            return
        }
        #expect(first.id == "parallel-1" && first.hold == .seconds(1))
        #expect(inner.map(\.id) == ["cordon-1-1", "slow"])
        #expect(inner[1].body == .action(.wait(.milliseconds(1500))))
        let drain = Drain(
            targets: .step("cordon-1-1"), timeout: .seconds(90), gracePeriod: .seconds(30), atOnce: 2,
            options: DrainOptions(
                ignoreDaemonSets: false, deleteEmptyDirData: false, force: true, disableEviction: true,
                podSelector: "app!=echo"))
        #expect(cell.steps[1].body == .action(.declared(drain)))
        #expect(cell.steps[1].until == Awaited(condition: .drain(.finished), within: .seconds(120)))
        #expect(cell.steps[1].hold == .seconds(90))
        #expect(cell.steps[2].id == "uncordon-3")
        let kill = cell.steps[3]
        let nodes = NodeSelector(role: "worker", hosting: .istiod, count: 1)
        #expect(kill.body == .action(.declared(KillNode(.select(cluster: "west", nodes), how: .killContainer))))
        #expect(kill.phase == .fixed && kill.expectOutage)
        #expect(kill.position == SourcePosition(line: 57, column: 5))
    }

    @Test func otherActionsAreRead() throws {
        let actions = try cell("NodePort", "gateway", "16s").steps.compactMap { step -> Action? in
            if case .action(let action) = step.body { action } else { nil }
        }
        let labelled = NodeSelector(labels: ["disk": "ssd"], zone: "a", nodePool: "general")
        #expect(actions.contains(.declared(RestartNode(.select(cluster: "west", labelled)))))
        let upgrade = UpgradeNodes(
            targets: .select(cluster: "west", NodeSelector(role: "worker")), pause: .seconds(20), atOnce: 2,
            drainTimeout: .seconds(300), options: DrainOptions(force: true))
        #expect(actions.contains(.declared(upgrade)))
        let expiry = ExpireNodePools(
            cluster: "west", nodePools: ["a", "b"], mode: .staggered, interval: .seconds(120), provisioningTime: .zero,
            terminationGracePeriod: .seconds(300), expireAfter: .seconds(600))
        #expect(actions.contains(.declared(expiry)))
        #expect(actions.contains(.declared(SetNodeMonitorGracePeriod(cluster: "west", to: .seconds(20), force: true))))
        let delete = DeletePods(cluster: "west", hosting: .gateway, count: 1, gracePeriod: .zero)
        #expect(actions.contains(.declared(delete)))
        let echo = Hosting.workload(namespace: "demo", kind: "deployment", name: "echo")
        #expect(actions.contains(.declared(RolloutRestart(cluster: "west", echo))))
        let scale = ScaleWorkload(cluster: "west", .gateway, replicas: 0, within: .seconds(180))
        #expect(actions.contains(.declared(scale)))
        #expect(actions.contains(.declared(ApplyManifest(cluster: "west", file: "objects.yaml"))))
        let ready = Awaited(condition: .node(.ready), within: .seconds(60))
        #expect(actions.contains(.waitFor(WaitFor(cluster: "west", targets: .step("dead"), awaited: ready))))
        #expect(actions.count { $0 == .restoreAll } == 2)
    }

    @Test func theRestIsRead() throws {
        let cell = try cell("NodePort", "gateway", "16s")
        #expect(
            cell.hypothesis == Hypothesis(baseline: .seconds(20), availability: 0.999, within: .seconds(120)))
        #expect(cell.abort == AbortRule(outage: .seconds(180)) && cell.settle == .seconds(10))
        #expect(cell.always == [.declared(Uncordon(.step("drained"))), .restoreAll])
        let claims = cell.expectations.map(\.claim)
        #expect(claims[0] == .availability(Comparison(.atLeast, 0.6)))
        #expect(claims[2] == .recovery(Comparison(.atMost, .seconds(30))))
        #expect(cell.expectations[2].when["who"] == "gateway")
        #expect(claims[3] == .blackout(Comparison(.equal, .zero)))
        #expect(claims[6] == .outcome(step: "drained", is: .blocked))
        #expect(claims[7] == .notReady(Comparison(.atMost, 1)))
    }

    @Test func whatIsLeftOutHasADefault() throws {
        let plan = try Plan.parse(PlanText.minimal(), path: "t.yaml")
        let cell = try #require(plan.cells.first)
        #expect(plan.cells.count == 1 && plan.repeats == 1 && plan.seed == 1 && plan.matrix.isEmpty)
        #expect(cell.labels.isEmpty && cell.settings == TrialSettings() && cell.abort == nil)
        #expect(cell.hypothesis == Hypothesis() && cell.hypothesis.within == .seconds(30))
        #expect(cell.settle == .seconds(10) && cell.restoreWithin == .seconds(600) && cell.always == [.restoreAll])
        #expect(cell.steps.map(\.phase) == [.random])
    }

    @Test func upgradesPauseForTheSettleTime() throws {
        let text = PlanText.minimal(steps: ["upgrade-nodes: {cluster: west, nodes: {role: worker}}"], "settle: 7s")
        let cell = try #require(try Plan.parse(text, path: "t.yaml").cells.first)
        guard case .action(.declared(let action)) = cell.steps.first?.body, let upgrade = action as? UpgradeNodes else {
            Issue.record("the step is an upgrade")
            return
        }
        #expect(upgrade.pause == .seconds(7) && upgrade.atOnce == 1)
    }

    @Test func aMissingFileIsOneProblem() {
        let error = #expect(throws: PlanError.self) { try Plan.load(path: "/nowhere/plan.yaml") }
        #expect(error?.description == "/nowhere/plan.yaml: the file cannot be read")
    }

    @Test func lengthCountsHoldsWaitsAndBlips() throws {
        let steps = [
            "wait: 5s\nhold: 1s", "blip-node: {cluster: west, nodes: {role: worker}, length: 3s}",
            "parallel:\n  - wait: 2s\n  - wait: 4s\n    hold: 3s\nhold: 1s",
            "upgrade-nodes: {cluster: west, nodes: {names: [a, b, c]}, pause: 10s}",
        ]
        let more = "hypothesis: {baseline: 20s}\nsettle: 2s\nrepeat: 3\nmatrix: {peering: [LoadBalancer, NodePort]}"
        let plan = try Plan.parse(PlanText.minimal(steps: steps, more), path: "t.yaml")
        let once = 20 + (5 + 1) + 3 + (7 + 1) + 20 + 2
        #expect(plan.expectedLength == .seconds(once * 6))
        // The clean stretch at the end may begin in the last hold.
        let quiet = PlanText.minimal(
            steps: ["blip-node: {cluster: west, nodes: {role: worker}, length: 3s}\nhold: 4s", "wait: 1s"],
            "hypothesis: {baseline: 20s}\nsettle: 10s")
        #expect(try Plan.parse(quiet, path: "t.yaml").expectedLength == .seconds(20 + 3 + 4 + 1 + 5))
    }

    @Test func waitsAreCountedBesideTheLeastLength() throws {
        let restart = "rollout-restart: {cluster: west, hosting: gateway"
        let steps = [
            "\(restart)}", "\(restart), within: 1m}", "\(restart)}\nuntil: {rollout: complete, within: 20s}",
            "parallel:\n  - wait: 2s\n  - scale: {cluster: west, hosting: gateway, replicas: 2, within: 90s}",
            "wait-for: {cluster: west, pods: {hosting: gateway, ready: 2}, within: 30s}",
        ]
        let plan = try Plan.parse(PlanText.minimal(steps: steps, "repeat: 2"), path: "t.yaml")
        #expect(plan.longestWaits == .seconds((600 + 60 + 20 + 90 + 30) * 2))
        #expect(plan.lengthWords == "at least \(Quantity.text(plan.expectedLength)), up to 26m40s more while it waits")
    }
}
