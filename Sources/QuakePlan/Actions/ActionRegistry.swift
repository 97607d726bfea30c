/// The actions that plans may name. A value: the composition root hands it to whatever reads or shows plans.
package struct ActionRegistry: Sendable {
    /// In the order of the catalogue.
    package let actions: [any PlanAction.Type]
    /// What a step may name, the runner's own steps included: what changes clusters, what waits, what measures, what groups
    /// and restores.
    let kinds: [ActionKind]
    /// Of ``kinds``.
    let names: [String]

    /// - Parameter actions: no two of the same name, and none of a ``ControlStep``.
    package init(_ actions: [any PlanAction.Type]) {
        self.actions = actions
        let declared = actions.map { ActionKind.declared($0) }
        var kinds = declared.filter { $0.traits.contains(.changes) }
        kinds += [ActionKind.control(.wait), ActionKind.control(.waitFor)]
        kinds += declared.filter { !$0.traits.contains(.changes) }
        kinds += [ActionKind.control(.parallel), ActionKind.control(.restoreAll)]
        self.kinds = kinds
        names = kinds.map(\.name)
        precondition(Set(names).count == names.count, "two actions of one name")
    }

    /// The same, and one more.
    package func adding(_ action: any PlanAction.Type) -> ActionRegistry { ActionRegistry(actions + [action]) }

    /// What is declared of everything that a step may name, in the order of the catalogue.
    package var declarations: [ActionDeclaration] { kinds.map(\.declaration) }

    /// The first action after which that one has something to heal; `nil` where it heals nothing.
    package func fault(healedBy healing: ActionDeclaration) -> ActionDeclaration? {
        faults(healedBy: healing).first
    }

    func faults(healedBy healing: ActionDeclaration) -> [ActionDeclaration] {
        healing.heals.isEmpty ? [] : declarations.filter { $0.traits.isSuperset(of: healing.heals) }
    }

    func kind(named name: String) -> ActionKind? { kinds.first { $0.name == name } }
}
