package import QuakeKube

/// `kubectl apply` of one object, which kubectl reads from its standard input.
package struct KubectlApply: Sendable {
    /// Whether the server only says what it would do, or nobody is asked.
    package enum DryRun: String, Sendable {
        case server, client
    }

    package var cluster: Cluster
    /// Names its namespace, where it has one.
    package var object: JSONValue
    package var serverSide: Bool
    package var forceConflicts: Bool

    package init(_ object: JSONValue, on cluster: Cluster, serverSide: Bool, forceConflicts: Bool) {
        self.object = object
        self.cluster = cluster
        self.serverSide = serverSide
        self.forceConflicts = forceConflicts
    }

    /// kubectl's own, after its context.
    package func arguments(dryRun: DryRun? = nil) -> [String] {
        var arguments = ["apply", "-f", "-", "-o", "json"]
        if serverSide { arguments.append("--server-side") }
        if forceConflicts { arguments.append("--force-conflicts") }
        if let dryRun { arguments.append("--dry-run=\(dryRun.rawValue)") }
        return arguments
    }

    /// A refusal is a result, not an error; the standard output is the object as the server answered with it.
    package func run(dryRun: DryRun? = nil, timeout: Duration = .seconds(60)) async throws(KubeError) -> CommandResult {
        try await cluster.kubectl.run(arguments(dryRun: dryRun), input: object.serialized(), timeout: timeout)
    }

    /// The object as the server says it would become; `nil` where it cannot say, or refuses.
    package func prediction() async -> JSONValue? {
        guard let result = try? await run(dryRun: .server), result.succeeded else { return nil }
        return try? JSONValue(parsing: result.standardOutput)
    }

    // MARK: - What kubectl says

    /// The command as the archive may keep it. What the object holds stays out: it may be a Secret.
    package static func evidence(of result: CommandResult) -> CommandResult {
        var kept = result
        if let object = try? JSONValue(parsing: result.standardOutput) {
            kept.standardOutput =
                "\(object.apiVersion) \(object.kind) \(place(of: object)), uid \(object.uid), resourceVersion "
                + "\(object.resourceVersion)\n"
        }
        if result.standardError.contains(patchMark) { kept.standardError = reason(of: result) + "\n" }
        return kept
    }

    /// `demo/echo`, or the name alone.
    package static func place(of object: JSONValue) -> String {
        object.namespace.isEmpty ? object.name : "\(object.namespace)/\(object.name)"
    }

    private static let patchMark = "error when applying patch:"

    /// Why it failed: what kubectl printed, without its warnings and the patch that it shows.
    package static func reason(of result: CommandResult) -> String {
        if result.timedOut { return "kubectl did not end in time" }
        var lines = result.standardError.split(separator: "\n").map(String.init).filter { !$0.hasPrefix("Warning:") }
        if let first = lines.firstIndex(where: { $0.contains(patchMark) }),
            let cause = lines[first...].firstIndex(where: { $0.hasPrefix("for: ") })
        {
            let head = String(lines[first].prefix { $0 != ")" }) + "): "
            let said = String(lines[cause].trimmingPrefix("for: ").trimmingPrefix("\"STDIN\": "))
            lines = [head + said] + lines[(cause + 1)...]
        }
        let text = lines.joined(separator: " ").replacing(" \"STDIN\"", with: "")
        return text.isEmpty ? "kubectl ended with \(result.exitCode.map { "exit code \($0)" } ?? "a signal")" : text
    }

    /// Whether it was no verdict about the object: the server, a webhook of it or this kubectl has no server-side dry run
    /// of it. kubectl 1.20 reads that from a description of the API that embedded clusters do not have.
    package static func lacksDryRun(_ result: CommandResult) -> Bool {
        let said = result.standardError
        return said.contains("doesn't support dry-run") || said.contains("does not support dry run")
    }
}
