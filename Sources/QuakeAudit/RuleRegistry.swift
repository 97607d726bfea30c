import QuakePlan

/// The rules of an audit, in the order of reports. A value: the composition root hands it down.
package struct RuleRegistry: Sendable {
    package let rules: [any AuditRule.Type]

    /// - Parameter rules: no two of one id.
    package init(_ rules: [any AuditRule.Type]) {
        let ids = rules.map { $0.declaration.id }
        precondition(Set(ids).count == ids.count, "two rules of one id: \(ids)")
        self.rules = rules
    }

    package static let standard = RuleRegistry([
        GatewayMissing.self,
        GatewayNotProgrammed.self,
        GatewayNoReadyEndpoint.self,
        GatewaySingleReplica.self,
        GatewayNotSpread.self,
        GatewayAntiAffinitySelector.self,
        GatewayPodsOnOneNode.self,
        GatewayPodsShareNode.self,
        GatewayTopologyKeyMissing.self,
        GatewayTooFewNodes.self,
        GatewayNoRoomForSurge.self,
        GatewayNoZoneSpread.self,
        GatewayNoEligibleNode.self,
        GatewayOnControlPlane.self,
        GatewayOnCordonedNode.self,
        GatewayGracePeriod.self,
        GatewayNoPreStop.self,
        BudgetMissing.self,
        IstiodBudgetMissing.self,
        BudgetOverlap.self,
        BudgetBlocksEveryDrain.self,
        BudgetProtectsNothing.self,
        BudgetUnhealthyPods.self,
        BudgetUsedUp.self,
        BudgetOrphaned.self,
        NodePoolEqualExpiry.self,
        NodeClaimsExpireTogether.self,
        NodePoolExpiryWithoutBudget.self,
        NodePoolGraceOverridesBudget.self,
        NodePoolOldFields.self,
        ClusterLabelMissing.self,
        NetworkLabelMissing.self,
        GatewayAddressMissing.self,
        ExternalTrafficPolicyCost.self,
        GatewayNodeNoInternalIP.self,
        GatewayNodeUnreachable.self,
        FlatNetwork.self,
        PeerGatewayIncomplete.self,
        SoloAnnotationCase.self,
        SoloAnnotationOneSided.self,
        SoloNodePortMissing.self,
        SoloNodePortBeta.self,
        SoloPeerConditions.self,
        IstioRemoteSeveralAddresses.self,
        IstioRemoteStaleAddress.self,
        IstioRemoteWrongPort.self,
        IstioNetworkLabelLeft.self,
        IstiodSingleReplica.self,
        IstiodNotSpread.self,
        IstiodAntiAffinitySelector.self,
        IstiodTooFewNodes.self,
        IstiodAffinityIgnored.self,
        IstiodWithGateway.self,
        GracePeriodNotDefault.self,
        GracePeriodBelowRenewal.self,
        DefaultsUnknownKey.self,
        DefaultsInvalidPatch.self,
        DefaultsNoSuchClass.self,
        DefaultsSeveral.self,
    ])

    /// Their declarations, in order.
    package var declarations: [RuleDeclaration] { rules.map { $0.declaration } }

    /// The rule of an id.
    ///
    /// - Throws: ``AuditError``, with the nearest id that there is.
    package func declaration(of id: String) throws(AuditError) -> RuleDeclaration {
        if let found = declarations.first(where: { $0.id == id }) { return found }
        let near = Suggestion.nearest(to: id, among: declarations.map(\.id))
        throw AuditError(
            .rule,
            "there is no rule \"\(id)\"" + (near.map { "; did you mean \($0)?" } ?? ": peerquake audit --list-rules"))
    }
}
