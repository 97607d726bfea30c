package import QuakeKube

/// What the API server says to an eviction, dry runs included.
package enum EvictionAnswer: Sendable, Equatable {
    /// It may go, or goes.
    case allowed
    /// It is not there any more.
    case gone
    /// 429 of a budget or of a webhook, in the server's words: asked again later, it may go.
    case held(String)
    /// 500 because several budgets cover the pod, in the server's words: kubectl gives up at once.
    case ambiguous(String)
    /// 403 of the account's rights.
    case forbidden(MissingRight)
    /// Nothing about the pod: the server had too much to do, or a webhook takes no dry runs.
    case untold(String)
    /// Anything else, in the server's words.
    case failed(String)

    package init(_ error: KubeError) {
        switch error.code {
        case .notFound: self = .gone
        // Another pod has the name by now; other conflicts are those of two writers of a budget.
        case .conflict: self = error.message.contains("UID") ? .gone : .untold(error.message)
        // API Priority and Fairness says "Too many requests, please try again later."
        case .tooManyRequests where error.message.lowercased().contains("too many requests"):
            self = .untold(error.message)
        case .tooManyRequests: self = .held(Self.words(of: error))
        case .server where error.message.contains("more than one PodDisruptionBudget"): self = .ambiguous(error.message)
        case .forbidden:
            self = MissingRight(error.message).map(EvictionAnswer.forbidden) ?? .failed(error.message)
        case .invalid where error.message.contains("does not support dry run"): self = .untold(error.message)
        default: self = .failed(error.description)
        }
    }

    /// The message, with the causes that say which budget needs what.
    private static func words(of error: KubeError) -> String {
        let causes = error.status?[path: "details.causes"]?.arrayValue ?? []
        let told = causes.compactMap { $0["message"]?.stringValue }.filter { !error.message.contains($0) }
        return ([error.message] + told).joined(separator: " ")
    }
}

/// A right that an account lacks, read from the API server's refusal (RBAC's and the webhook authorizer's texts have
/// the same form, from apiserver/pkg/endpoints/handlers/responsewriters).
package struct MissingRight: Sendable, Equatable {
    package var verb: String
    /// With its subresource: `pods/eviction`.
    package var resource: String
    /// Empty for the core group.
    package var group: String
    /// `nil` at cluster scope.
    package var namespace: String?

    package init(verb: String, resource: String, group: String = "", namespace: String? = nil) {
        self.verb = verb
        self.resource = resource
        self.group = group
        self.namespace = namespace
    }

    /// `nil` where the text is no such refusal, as a webhook's.
    package init?(_ message: String) {
        let form =
            #/cannot (?<verb>[a-z]+) resource "(?<resource>[^"]+)" in API group "(?<group>[^"]*)"(?: in the namespace "(?<namespace>[^"]+)")?/#
        guard let found = message.firstMatch(of: form) else { return nil }
        self.init(
            verb: String(found.verb), resource: String(found.resource), group: String(found.group),
            namespace: found.namespace.map(String.init))
    }

    package var words: String {
        let scope = namespace.map { "in the namespace \($0)" } ?? "in the whole cluster"
        return "the account may not \(verb) \(group.isEmpty ? resource : "\(resource).\(group)") \(scope)"
    }
}
