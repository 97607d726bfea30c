import ArgumentParser
import QuakeAudit

/// `peerquake-dev audit-reference`: what docs/audit.md is made of.
struct AuditReferenceCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit-reference", abstract: "Print the page of audits with every rule.",
        discussion: "EXAMPLE\n  peerquake-dev audit-reference >docs/audit.md")

    func run() { print(AuditReference.text(.standard), terminator: "") }
}
