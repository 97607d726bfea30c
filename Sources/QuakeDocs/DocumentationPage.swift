/// A page of the documentation, compiled into the program so that an installed binary has it.
///
/// The one source is the repository's folder `docs`: this target has links to its pages. A test compares the two.
package struct DocumentationPage: Sendable, Equatable {
    /// The file's name without its ending; the index is `index`. Unique.
    package var topic: String
    /// What the page is for, in one line without a full stop.
    package var summary: String
    /// Markdown, as in the file.
    package var text: String

    /// The text for readers: without lines that are comments of HTML alone, which are for the scripts that write pages.
    package var shown: String {
        text.split(separator: "\n", omittingEmptySubsequences: false)
            .filter { !($0.hasPrefix("<!--") && $0.hasSuffix("-->")) }.joined(separator: "\n")
    }

    private init(_ topic: String, _ summary: String, _ bytes: [UInt8]) {
        self.topic = topic
        self.summary = summary
        self.text = String(decoding: bytes, as: UTF8.self)
    }

    /// The page of a topic; `nil` where there is none.
    package static subscript(topic: String) -> DocumentationPage? { all.first { $0.topic == topic } }

    /// In the order in which a user needs them.
    package static let all: [DocumentationPage] = [
        DocumentationPage("index", "all pages", PackageResources.index_md),
        DocumentationPage(
            "tutorial", "a first run, a plan of your own, kind, your own clusters, a nightly job, a comparison",
            PackageResources.tutorial_md),
        DocumentationPage("reading-a-report", "a report row by row", PackageResources.reading_a_report_md),
        DocumentationPage(
            "troubleshooting", "each exit code and each refusal: why, and what to do",
            PackageResources.troubleshooting_md),
        DocumentationPage("plans", "the reference of plans", PackageResources.plans_md),
        DocumentationPage("glossary", "the words of plans, reports and commands", PackageResources.glossary_md),
        DocumentationPage(
            "configuration", "defaults of options in peerquake.yaml and in variables",
            PackageResources.configuration_md),
        DocumentationPage(
            "clusters", "kind configs, container engines, kubeconfigs, locks, healing", PackageResources.clusters_md),
        DocumentationPage("meshes", "the stand-in, Istio and Solo; probers in pods", PackageResources.meshes_md),
        DocumentationPage(
            "audit", "what the practices of peering ask, rule by rule, and how to check clusters for it",
            PackageResources.audit_md),
        DocumentationPage(
            "manifests", "configuration that keeps peering up while nodes come and go", PackageResources.manifests_md),
        DocumentationPage(
            "claims", "what the best-practices page says, sentence by sentence, and what was measured",
            PackageResources.claims_md),
        DocumentationPage("soak", "runs of hours, and their metrics", PackageResources.soak_md),
        DocumentationPage(
            "comparison", "whether runs are worse than a baseline, and since when", PackageResources.comparison_md),
        DocumentationPage("ci", "workflows for a nightly soak and for an upgrade", PackageResources.ci_md),
        DocumentationPage(
            "measurement", "what is measured, and what the numbers cannot show", PackageResources.measurement_md),
        DocumentationPage("fidelity", "what the embedded clusters model", PackageResources.fidelity_md),
        DocumentationPage("verified-on", "what was run on real clusters", PackageResources.verified_on_md),
        DocumentationPage(
            "alternatives", "compared with krkn, Litmus, Chaos Mesh and OpenShift's monitors",
            PackageResources.alternatives_md),
        DocumentationPage("architecture", "the parts of Peerquake", PackageResources.architecture_md),
        DocumentationPage("extending", "a new action, step by step", PackageResources.extending_md),
    ]
}
