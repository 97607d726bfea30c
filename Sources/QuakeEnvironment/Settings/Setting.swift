import QuakePlan
import QuakeShell
import QuakeShipped

/// An option of the command line that may have its default elsewhere: in a variable of the environment, or in
/// `peerquake.yaml`. Raw values are the file's keys.
package enum Setting: String, Sendable, Codable, CaseIterable, CodingKeyRepresentable {
    case environment, configs, timing, kubeconfig, contexts, allowContexts, probeFrom, mesh, out

    /// How a value is written in the file.
    package enum Shape: Sendable, Equatable {
        /// One word of a closed list.
        case word([String])
        case text
        /// A sequence, or one scalar for a sequence of one.
        case list
        /// A mapping of names to texts; elsewhere `NAME=TEXT`.
        case map
    }

    package var shape: Shape {
        switch self {
        case .environment: .word(EnvironmentName.allCases.map(\.rawValue))
        case .timing: .word(PairTiming.allCases.map(\.rawValue))
        case .probeFrom: .word(Self.places)
        case .mesh: .word(Self.meshes)
        case .kubeconfig, .out: .text
        case .configs, .allowContexts: .list
        case .contexts: .map
        }
    }

    /// Meshes that a run can be told to find.
    package static let meshes = ["standin", "istio", "solo"]
    /// Where requests may come from.
    package static let places = ["host", "pod"]

    /// On the command line, with its dashes.
    package var option: String {
        switch self {
        case .environment: "--env"
        case .configs: "--config"
        case .contexts: "--cluster"
        case .allowContexts: "--allow-context"
        case .probeFrom: "--probe-from"
        case .kubeconfig, .mesh, .out, .timing: "--\(rawValue)"
        }
    }

    /// In the environment; lists are separated by commas.
    package var variable: String {
        "PEERQUAKE_" + rawValue.map { $0.isUppercase ? "_\($0)" : $0.uppercased() }.joined()
    }

    /// Whether it says which clusters there are, and so belongs to the environment that is named beside it.
    package var isOfEnvironment: Bool { [.configs, .timing, .kubeconfig, .contexts, .allowContexts].contains(self) }

    /// For schemas and references: a sentence.
    package var help: String {
        switch self {
        case .environment: "Where the clusters are."
        case .configs: "Kind configs: each shapes an embedded cluster, or a kind cluster of clusters up."
        case .timing: "Which pair of embedded clusters is made where no configs are given."
        case .kubeconfig: "The kubeconfig of clusters that run already."
        case .contexts: "A plan's cluster and its context; by default the context of the cluster's own name."
        case .allowContexts: "Contexts that may be broken although they are neither kind nor embedded."
        case .probeFrom: "Where requests come from: this process, or a prober in the client cluster."
        case .mesh: "The mesh under test; by default the one that the clusters have."
        case .out: "The folder in which each run makes its archive, in a directory of the run's ID."
        }
    }

    /// What is in force where nothing is said: `nil` where commands have their own rule.
    package var standard: String? {
        switch self {
        case .environment: EnvironmentName.embedded.rawValue
        case .probeFrom: "host"
        case .out: "runs"
        case .configs, .timing, .kubeconfig, .contexts, .allowContexts, .mesh: nil
        }
    }

    /// Why a text is no value of it, or one of its values; `nil` where it is one.
    package func problem(with text: String) -> String? {
        let reader: Checked.Reader<Void> =
            switch self {
            case .environment, .timing, .probeFrom, .mesh: { _ in }
            case .configs: { _ = try Checked.file($0) }
            // It may be one that clusters up is to write.
            case .kubeconfig: { _ = try Checked.path($0) }
            case .contexts: { _ = try ClusterArgument.read($0) }
            case .allowContexts: { _ = try Checked.name($0) }
            case .out: { _ = try Checked.newDirectory($0) }
            }
        if case .word(let allowed) = shape, !allowed.contains(text) {
            return "\"\(text)\" is not known" + Suggestion.hint(for: text, among: allowed)
        }
        do {
            try reader(text)
            return nil
        } catch {
            return "\"\(text)\": \(error)"
        }
    }
}
