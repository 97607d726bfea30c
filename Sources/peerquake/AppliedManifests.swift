import QuakeCluster
import QuakePlan
import QuakeShell
import QuakeTimeline

/// What a plan applies, tried on its clusters before anything is changed.
enum AppliedManifests {
    /// - Throws: with every object that is refused, and its place.
    static func tried(_ plan: Plan, _ clusters: [String: Cluster]) async throws -> [ManifestTrials.Finding] {
        let findings = try await ManifestTrials(plan, on: clusters).run()
        let refused = findings.filter(\.isRefused)
        guard refused.isEmpty else {
            throw Failure(.usage, refused.map(\.words).joined(separator: "\n"), hint: "Nothing was changed.")
        }
        return findings
    }
}
