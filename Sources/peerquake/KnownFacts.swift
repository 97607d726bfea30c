import QuakeArchive
import QuakeCluster
import QuakePlan
import QuakeShell
import QuakeTimeline

/// From a plan as it is written to one whose formulas are worked out by what the clusters are.
enum KnownFacts {
    /// - Throws: usage, with every fact that the plan needs and that cannot be read, and for a traffic whose gateway nobody
    ///   can tell.
    static func put(
        into plan: Plan, _ command: RunOptions, _ clusters: [String: Cluster], _ peering: any Peering
    ) async throws -> Plan {
        // What a mesh that is not whole cannot say is unknown: that matters where the plan needs it.
        let mesh = (try? await peering.facts(of: clusters.values.sorted { $0.name < $1.name })) ?? MeshFacts()
        let facts = await FactReader(clusters, mesh: mesh).facts(for: plan)
        let known: Plan
        do throws(PlanError) {
            known = try plan.resolved(
                with: facts, options: try command.options.values(), actions: Wiring.current.actions,
                expectations: Wiring.current.expectations)
        } catch {
            let names = Fact.allCases.filter { $0 != .rate }.map(\.rawValue)
            throw Failure(
                .usage, "\(error)",
                hint:
                    "What cannot be read can be said: --set \(names[0])=40s, and so on for \(names.joined(separator: ", "))."
            )
        }
        if !mesh.knowsCarriers { try refuseCarriers(of: known) }
        if !mesh.recordsTargets { try refuseDialled(in: known) }
        return known
    }

    private static func refuseCarriers(of plan: Plan) throws {
        for action in plan.cells.flatMap({ Capabilities.actions(of: $0.steps) + $0.always }) {
            guard case .select(_, let selector)? = action.nodeTargets, let traffic = selector.carrying else { continue }
            throw Failure(
                .usage,
                "\(plan.path): \(action.name): nodes: {carrying: \(traffic)}: this mesh does not tell what its "
                    + "gateways carry",
                hint: "nodes: {hosting: gateway, count: 1} picks one by the seed.")
        }
    }

    private static func refuseDialled(in plan: Plan) throws {
        for action in plan.cells.flatMap({ Capabilities.actions(of: $0.steps) + $0.always }) {
            guard case .select(_, let selector)? = action.nodeTargets, let dialled = selector.dialled else { continue }
            throw Failure(
                .usage,
                "\(plan.path): \(action.name): nodes: {dialled: \(dialled)}: this mesh does not tell which nodes its clients "
                    + "dial",
                hint: "nodes: {hosting: gateway, count: 1} picks one by the seed.")
        }
    }

    /// Says in a run's archive what the formulas were worked out from: what differs from cell to cell, cell by cell.
    static func record(_ plan: Plan, in archive: ArchiveWriter) {
        let cells = plan.cells.map { $0.facts?.known ?? [] }
        for fact in Fact.allCases.map(\.rawValue) {
            let values = cells.map { cell in cell.first { $0.name == fact }?.text }
            guard Set(values).count > 1 else {
                if let value = values.first ?? nil { archive.setFact("fact \(fact)", value) }
                continue
            }
            for (index, value) in values.enumerated() {
                if let value { archive.setFact("fact \(fact) in cell \(index + 1)", value) }
            }
        }
    }
}
