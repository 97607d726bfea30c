import QuakePlan

/// docs/audit.md: how to audit, and every rule out of the registry.
package enum AuditReference {
    /// The whole page, with a newline at its end.
    package static func text(_ registry: RuleRegistry) -> String {
        var lines = [intro]
        for group in RuleDeclaration.Group.allCases {
            let rules = registry.declarations.filter { $0.group == group }
            guard !rules.isEmpty else { continue }
            lines += ["", "## Rules: \(group.rawValue)"]
            for rule in rules {
                lines += [
                    "", "### `\(rule.id)`", "", "\(rule.severity.rawValue); \(rule.concerns)", "",
                    "\(rule.practice) \(rule.why)", "", "Fix: \(rule.remedy)",
                ]
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static let intro = """
        # Audit

        <!-- Written by: peerquake-dev audit-reference >docs/audit.md -->

        `peerquake audit` compares clusters with the practices of multicluster peering, and changes nothing in them:

            peerquake audit --cluster east=CONTEXT --cluster west=CONTEXT
            peerquake audit --kubeconfig kc --save snapshot.json     # every context; keep what was read
            peerquake audit --from snapshot.json --fix-dir fixes     # again, without a cluster

        It takes no lock and uses list calls alone: [auditor-rbac.yaml](auditor-rbac.yaml) is the
        account that it needs. Name both clusters of a pair: what one cluster's objects say about the other (addresses,
        ports, annotations) is compared only where both are part of the audit.

        ## Findings

        Each finding has the rule, a severity, the evidence (cluster, object, field, value), why it matters, and mostly a fix
        as YAML. `--fix-dir DIR` writes the fixes, one file for each object that is to be changed, with the command that
        applies it in its first lines; read them before you apply them. `--explain RULE` says more about a rule,
        `--list-rules` lists all, and `--ignore RULE=REASON` leaves the findings of one out of the exit code and reports
        them with the reason. `--json F`, `--markdown F` and `--junit F` write the same for others; `peerquake schema --audit`
        prints the schema of the JSON.

        A figure of what a failure costs is there only where a formula of it is measured: `scripts/check-loss` measures the share
        of new connections that fail after a kill of a gateway's node for the stand-in with `tunnels: single`, per peering
        method and externalTrafficPolicy. With shared tunnels the share depends on rates and times that a snapshot does not
        have, and nothing is measured on Istio or Solo: there the finding has no figure.

        ## Not checked

        What an account may not list, or what a cluster does not show, makes the rules that need it `not checked`, with the
        reason; it never makes them pass. In managed clusters, for example, no pod shows the flags of the controller
        manager. `gateway-node-unreachable` dials, and does so only with `--reach`, from the machine that the audit runs on.
        A kind that the server does not have (Karpenter's, the Gateway API's) has no objects: that is an answer.

        Rules that are not about a cluster's mesh or about the methods by which audited peers reach it are `not applicable`:
        the JSON says so for each.

        ## Exit codes

        0 no finding of the severity that fails; 1 a finding of it: error, or with `--fail-on warning` or `note` those too; 2 a
        rule of that severity was not checked, unless `--allow-unchecked`; 64 bad usage or a snapshot that cannot be read;
        69 a cluster cannot be reached. Of 1 and 2, it is 1.

        ## Snapshots

        `--save FILE` keeps what was read as JSON: of pods and Deployments their metadata, placement, images and state, but no
        environment, arguments or volumes (of the controller manager its command line); of istiod's Helm values only the
        affinity; no Secret is listed. Names, labels, annotations and addresses are in it.
        """
}
