/// Every action with what a user must know of it, for `peerquake actions`.
package enum ActionCatalogue {
    /// Actions on nodes first, then those on workloads, then those that only wait or group. Ends in a newline.
    package static func text(_ actions: ActionRegistry) -> String {
        actions.declarations.map { declaration in
            let example = declaration.example.split(separator: "\n").map { "    \($0)\n" }.joined()
            return "\(declaration.name): \(declaration.summary)\n  inverse: \(declaration.inverse.catalogue)\n"
                + example
        }.joined()
    }
}
