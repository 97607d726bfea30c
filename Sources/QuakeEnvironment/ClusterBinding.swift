package import QuakeKube
package import QuakeShell
import QuakeTimeline

/// Names of a plan's clusters → contexts of a kubeconfig.
package enum ClusterBinding {
    /// - Parameter pairs: `NAME=CONTEXT`, or `NAME` alone for the context of that name, or else of the kind cluster of
    ///   that name; none means every context.
    package static func bind(_ arguments: [ClusterArgument], kubeconfig: String?) throws -> [String: Kubeconfig.Context]
    {
        for argument in arguments {
            do {
                _ = try bind([argument.text], kubeconfig: kubeconfig)
            } catch let failure as Failure {
                throw Failure(failure.code, "--cluster \(argument.text): \(failure.message)", hint: failure.hint)
            }
        }
        return try bind(arguments.map(\.text), kubeconfig: kubeconfig)
    }

    /// As above, of texts that the command line or a journal has.
    package static func bind(_ pairs: [String], kubeconfig: String?) throws -> [String: Kubeconfig.Context] {
        do throws(KubeError) {
            return try look(pairs, in: Kubeconfig.load(path: kubeconfig, environment: Command.inheritedEnvironment))
        } catch {
            throw Failure(.usage, "\(error)")
        }
    }

    private static func look(
        _ pairs: [String], in config: Kubeconfig
    ) throws(KubeError) -> [String: Kubeconfig.Context] {
        var bound: [String: Kubeconfig.Context] = [:]
        let known = Set(config.contexts.map(\.name) + config.unusable.map(\.name))
        if pairs.isEmpty { try tellUnusable(config) }
        for (name, wanted) in pairs.isEmpty ? own(config) : pairs.map({ split($0, known) }) {
            bound[name] = try config.context(wanted)
        }
        return bound
    }

    /// Every context by its own name; kind's by their clusters'.
    private static func own(_ config: Kubeconfig) -> [(String, String)] {
        config.contexts.map { (kindName($0.name) ?? $0.name, $0.name) }
    }

    /// `NAME=CONTEXT`, or a context's name, which may have an equals sign too, or that of a kind cluster.
    private static func split(_ pair: String, _ known: Set<String>) -> (String, String) {
        if known.contains(pair) { return (pair, pair) }
        let sides = pair.split(separator: "=", maxSplits: 1).map(String.init)
        if sides.count > 1 { return (sides[0], sides[1]) }
        return (pair, known.contains("kind-\(pair)") ? "kind-\(pair)" : pair)
    }

    /// Every context is meant, and some cannot be used: they keep nobody from the others.
    private static func tellUnusable(_ config: Kubeconfig) throws(KubeError) {
        let reasons = config.unusable.map { "context \"\($0.name)\" is left out: \($0.reason)" }
        if config.contexts.isEmpty, !reasons.isEmpty {
            throw KubeError(.config, "no context can be used\n" + reasons.joined(separator: "\n"))
        }
        for reason in reasons { complain(reason) }
    }

    /// Whether a context that cannot be used says at least where its API server is: what may be kept there stays.
    package static func leavesOutServers(_ kubeconfig: String) throws -> Bool {
        do throws(KubeError) {
            return try Kubeconfig.load(path: kubeconfig, environment: Command.inheritedEnvironment)
                .unusable.contains(where: \.hasServer)
        } catch {
            throw Failure(.usage, "\(error)")
        }
    }

    /// The name of the cluster that kind wrote a context for.
    static func kindName(_ context: String) -> String? {
        context.hasPrefix("kind-") ? String(context.dropFirst("kind-".count)) : nil
    }
}
