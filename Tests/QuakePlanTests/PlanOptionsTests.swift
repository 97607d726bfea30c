import Foundation
import QuakePlan
import Testing

struct PlanOptionsTests {
    private static let text = PlanText.minimal(
        steps: ["wait: ${pause}", "id: kill\nkill-node: {cluster: west, nodes: {role: worker}}\nhold: ${hold}"],
        """
        vars: {pause: 5s, hold: "${pause}", size: 1}
        matrix: {peering: [LoadBalancer, NodePort], size: [1, 2]}
        repeat: 3
        seed: 7
        settle: 1s
        expect: [{recovery: "<= 30s", when: {peering: NodePort}}]
        """)

    private func parse(_ assignments: String..., repeats: Int? = nil, seed: UInt64? = nil) throws -> Plan {
        var options = PlanOptions(repeats: repeats, seed: seed)
        for assignment in assignments { try options.add(assignment: assignment) }
        return try Plan.parse(Self.text, path: "t.yaml", options: options)
    }

    private func problems(_ assignments: String...) -> [String] {
        do {
            var options = PlanOptions()
            for assignment in assignments { try options.add(assignment: assignment) }
            _ = try Plan.parse(Self.text, path: "t.yaml", options: options)
            return []
        } catch {
            return error.problems.map(\.description)
        }
    }

    @Test func oneValueReplacesAVariable() throws {
        let plan = try parse("pause=9s")
        #expect(plan.variables == [Variable(name: "pause", value: "9s"), Variable(name: "hold", value: "9s")])
        for cell in plan.cells { #expect(cell.steps.map(\.hold) == [.zero, .seconds(9)]) }
        #expect(plan.cells.count == 4)
    }

    @Test func severalValuesMakeAVariableAnAxis() throws {
        let plan = try parse("pause=2s, 3s")
        #expect(plan.matrix.last == MatrixAxis(name: "pause", kind: .variable, values: ["2s", "3s"]))
        #expect(plan.cells.count == 8)
        #expect(Set(plan.cells.map { $0.steps[1].hold }) == [.seconds(2), .seconds(3)])
        // `hold` follows the axis, and so has no one value.
        #expect(plan.variables == [Variable(name: "hold", value: "${pause}")])
    }

    @Test func valuesReplaceThoseOfAnAxis() throws {
        let plan = try parse("size=5", "peering=NodePort")
        #expect(plan.cells.map(\.labels) == [["size": "5", "peering": "NodePort"]])
        #expect(plan.cells.first?.settings.peering == .nodePort)
    }

    @Test func aSettingThatThePlanLeavesOpenCanBeSet() throws {
        let plan = try parse("nodeMonitorGracePeriod=16s,40s", "peering=NodePort", "size=1")
        #expect(plan.cells.map(\.settings.nodeMonitorGracePeriod) == [.seconds(16), .seconds(40)])
    }

    @Test func aSelectionThatOnlySetEmptiesIsNoProblem() throws {
        let plan = try parse("peering=LoadBalancer")
        #expect(plan.cells.allSatisfy { $0.expectations.first?.when == ["peering": "NodePort"] })
    }

    @Test func repeatsAndSeedAreReplaced() throws {
        let plan = try parse("size=1", repeats: 1, seed: 99)
        #expect(plan.repeats == 1 && plan.seed == 99 && plan.trials.count == 2)
        #expect(throws: PlanError.self) { try parse("size=1", repeats: 0) }
    }

    @Test func problemsOfOptionsNameTheOption() {
        #expect(
            problems("sise=1") == [
                "--set: unknown variable \"sise\"; did you mean \"size\"? "
                    + "(allowed: pause, hold, size, peering, nodeMonitorGracePeriod, externalTrafficPolicy)"
            ])
        #expect(problems("peering=nodeport").first?.contains("did you mean \"NodePort\"?") == true)
        #expect(problems("pause=1s,1s").count == 1)
        #expect(problems("size=1", "size=2").count == 1)
        #expect(problems("pause").first?.hasPrefix("--set: \"pause\" is not NAME=VALUE") == true)
        #expect(problems("pause=").count == 1 && problems("=1").count == 1 && problems("pause=1s,,2s").count == 1)
    }

    @Test func aBadValueIsReportedWhereItIsUsed() {
        #expect(
            problems("pause=soon").contains(
                "t.yaml:7:11: wait: \"soon\" (from \"${pause}\") is not a duration (allowed: 90s, 1m30s, 250ms, 2h)"))
    }

    @Test func aSetThatRefersToItselfIsAProblem() {
        #expect(problems("pause=${hold}").contains { $0.contains("refers to itself: pause → hold → pause") })
    }
}

extension PlanOptionsTests {
    @Test func areKeptAsValues() throws {
        let options = PlanOptions(
            set: [(name: "a=b", values: ["1, 2", "--set"]), (name: "c", values: [])], repeats: 3)
        let again = try JSONDecoder().decode(PlanOptions.self, from: JSONEncoder().encode(options))
        #expect(again == options && again.seed == nil)
    }

    @Test(arguments: [0, -1, 10_001, Int.max])
    func refuseRepeatsThatCannotBeMeant(repeats: Int) {
        let error = #expect(throws: PlanError.self) { try parse(repeats: repeats) }
        #expect(error?.description == "--repeat: \(repeats) is not from 1 to 10000")
    }
}
