import QuakeKube
package import QuakePlan

/// Tries every object that a plan applies, before anything is changed: by the server's own dry run where there is one, else
/// as far as kubectl can tell without it.
package struct ManifestTrials: Sendable {
    /// What came of one object.
    package struct Finding: Sendable, Equatable {
        /// Whether it can be applied.
        package enum Verdict: Sendable, Equatable {
            case accepted
            /// The server has no dry run of it: kubectl found nothing wrong.
            case acceptedByClient
            /// What it needs is made by something that the plan applies before, and why that is known.
            case notTried(String)
            case refused(String)
        }

        package var cluster: String
        /// `FILE:LINE:COLUMN: KIND NAMESPACE/NAME`.
        package var place: String
        package var verdict: Verdict

        /// In one line.
        package var words: String {
            let said =
                switch verdict {
                case .accepted: "accepted by the server's dry run"
                case .acceptedByClient: "accepted by kubectl; the server has no dry run of it"
                case .notTried(let why): "not tried: \(why)"
                case .refused(let why): why
                }
            return "\(place): on \(cluster): \(said)"
        }

        package var isRefused: Bool { if case .refused = verdict { true } else { false } }
    }

    private let plan: Plan
    private let clusters: [String: Cluster]

    package init(_ plan: Plan, on clusters: [String: Cluster]) {
        self.plan = plan
        self.clusters = clusters
    }

    /// - Returns: a finding for each object that a step applies, each once, in the order of the plan.
    /// - Throws: where a cluster does not answer.
    package func run() async throws -> [Finding] {
        var findings: [Finding] = []
        for cell in plan.cells {
            var made = MadeBefore()
            for step in cell.steps {
                let actions = step.applications
                // Of steps at once, any may be the first.
                if actions.count > 1 { for action in actions { made.add(try objects(of: action), of: action.cluster) } }
                for action in actions {
                    for finding in try await tried(action, &made) where !findings.contains(finding) {
                        findings.append(finding)
                    }
                }
            }
        }
        return findings
    }

    private func objects(of action: ApplyManifest) throws -> [ManifestObject] {
        guard let text = plan.attachments[action.file] else { return [] }
        return try ManifestObject.all(of: text, file: action.file)
    }

    private func tried(_ action: ApplyManifest, _ made: inout MadeBefore) async throws -> [Finding] {
        guard let cluster = clusters[action.cluster] else { return [] }
        var findings: [Finding] = []
        for object in try objects(of: action) {
            let verdict = try await verdict(of: object, action, cluster, made)
            findings.append(
                Finding(
                    cluster: action.cluster,
                    place: Plan.place(of: action.place(of: object), namedIn: plan.path), verdict: verdict))
            made.add([object], of: action.cluster)
        }
        return findings
    }

    private func verdict(
        of wanted: ManifestObject, _ action: ApplyManifest, _ cluster: Cluster, _ made: MadeBefore
    ) async throws -> Finding.Verdict {
        let object = wanted.object
        let path: ResourcePath
        do throws(KubeError) {
            path = try await cluster.kube.path(for: object)
        } catch {
            guard error.code == .invalid else { throw error }
            return made.hasKind(of: object, on: cluster.name)
                ? .notTried("its CustomResourceDefinition is applied before") : .refused(error.message)
        }
        if let namespace = path.namespace, try await !isThere(namespace, cluster) {
            return made.hasNamespace(namespace, on: cluster.name)
                ? .notTried("its namespace is applied before") : .refused("namespaces \"\(namespace)\" not found")
        }
        let call = action.call(object, at: path, on: cluster)
        var result = try await call.run(dryRun: .server)
        var verdict = Finding.Verdict.accepted
        if !result.succeeded, KubectlApply.lacksDryRun(result) {
            result = try await call.run(dryRun: .client)
            verdict = .acceptedByClient
        }
        if result.succeeded { return verdict }
        let reason = KubectlApply.reason(of: result)
        if let name = made.name(missedBy: reason, on: cluster.name) {
            return .notTried("\(name) is applied before")
        }
        return .refused(reason)
    }

    /// Whoever may not look is taken to know that it is there.
    private func isThere(_ namespace: String, _ cluster: Cluster) async throws -> Bool {
        do throws(KubeError) {
            return try await cluster.kube.find(.namespace(namespace)) != nil
        } catch {
            guard error.code == .forbidden else { throw error }
            return true
        }
    }
}

/// What a plan's earlier objects make possible.
struct MadeBefore: Sendable {
    private var objects: [String: [JSONValue]] = [:]

    mutating func add(_ made: [ManifestObject], of cluster: String) {
        objects[cluster, default: []] += made.map(\.object)
    }

    func hasNamespace(_ name: String, on cluster: String) -> Bool {
        of(cluster).contains { $0.kind == "Namespace" && $0.apiVersion == "v1" && $0.name == name }
    }

    /// Whether a definition of the object's kind is there, in its version.
    func hasKind(of object: JSONValue, on cluster: String) -> Bool {
        of(cluster).contains { made in
            guard made.kind == "CustomResourceDefinition", let spec = made["spec"],
                let group = spec["group"]?.stringValue
            else { return false }
            let versions = (spec["versions"]?.arrayValue ?? []).compactMap { $0["name"]?.stringValue }
            return spec[path: "names.kind"]?.stringValue == object.kind
                && versions.contains { "\(group)/\($0)" == object.apiVersion }
        }
    }

    /// The name of an earlier object that a refusal says is not there, as an account that a pod needs.
    func name(missedBy reason: String, on cluster: String) -> String? {
        guard reason.contains("not found") else { return nil }
        return of(cluster).map(\.name).first { name in
            reason.contains("\"\(name)\" not found") || reason.contains("\(name) was not found")
                || reason.contains("with name \(name) ")
        }
    }

    private func of(_ cluster: String) -> [JSONValue] { objects[cluster] ?? [] }
}

extension Step {
    /// Its manifests; several where it does things at once.
    fileprivate var applications: [ApplyManifest] {
        switch body {
        case .action(.declared(let action)): (action as? ApplyManifest).map { [$0] } ?? []
        case .action: []
        case .parallel(let steps): steps.flatMap(\.applications)
        }
    }
}
