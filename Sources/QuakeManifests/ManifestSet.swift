package import QuakeKube

/// A whole configuration: blocks in the order in which they are best applied, and what to know before.
package struct ManifestSet: Sendable, Equatable {
    package let blocks: [ManifestBlock]
    /// Sentences; empty where nothing is wrong.
    package let warnings: [String]

    /// - Throws: ``ManifestError`` with everything that no configuration can be made of.
    package init(_ parameters: ManifestParameters) throws(ManifestError) {
        let check = ParameterCheck(parameters)
        guard check.problems.isEmpty else { throw ManifestError(check.problems) }
        warnings = check.warnings
        // Budgets are in force before a rollout, and istiods before the gateways that they make.
        blocks =
            [BudgetBlock(parameters: parameters).block()].compactMap { $0 }
            + IstiodBlock(parameters: parameters).blocks() + GatewayBlock(parameters: parameters).blocks()
            + PeeringBlock(parameters: parameters).blocks() + NodePoolBlock.blocks(parameters)
            + [KubeadmBlock(parameters: parameters).block()].compactMap { $0 }
    }

    /// A stream of YAML documents, each with its reasons as comments; warnings first.
    package var text: String {
        let head = warnings.flatMap { ManifestBlock.comment("WARNING: \($0)") }.map { "\($0)\n" }.joined()
        return head + blocks.map { "---\n\($0.text)" }.joined()
    }

    /// `{"blocks": [{"kind", "file", "usage", "reasons", "body"}], "warnings": […]}`.
    package var json: JSONValue {
        ["blocks": .array(blocks.map(\.json)), "warnings": .array(warnings.map { .string($0) })]
    }
}

extension ManifestParameters {
    /// A kubectl command line, with the context where the configuration is for a cluster.
    func kubectl(_ words: String) -> String {
        "kubectl \(cluster.map { "--context \($0.context) " } ?? "")\(words)"
    }
}
