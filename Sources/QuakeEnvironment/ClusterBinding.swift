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
        let known = Set(config.contexts.map(\.name))
        let own = config.contexts.map { context in
            kindName(context.name).map { "\($0)=\(context.name)" } ?? context.name
        }
        for pair in pairs.isEmpty ? own : pairs {
            let sides = pair.split(separator: "=", maxSplits: 1).map(String.init)
            let wanted = sides.count > 1 ? sides[1] : sides[0]
            let isKind = sides.count == 1 && !known.contains(wanted) && known.contains("kind-\(wanted)")
            bound[sides[0]] = try config.context(isKind ? "kind-\(wanted)" : wanted)
        }
        return bound
    }

    /// The name of the cluster that kind wrote a context for.
    static func kindName(_ context: String) -> String? {
        context.hasPrefix("kind-") ? String(context.dropFirst("kind-".count)) : nil
    }
}
