package import QuakeKube

/// A change of a cluster together with what undoes it.
package struct Mutation: Sendable {
    package var cluster: String
    /// The action's name in the catalogue, or `setting`.
    package var action: String
    /// In words, for messages.
    package var about: String
    package var objectUID: String?
    /// What is changed, where neither the inverse nor the step's targets name it.
    package var object: ObjectReference?
    package var inverse: Inverse
    package var apply: @Sendable () async throws -> Void
    /// The inverse as it is known once `apply` has returned, where that is more than before: the uid of what it made.
    package var learnt: (@Sendable () -> Inverse?)?

    package init(
        cluster: String, action: String, about: String, objectUID: String? = nil, object: ObjectReference? = nil,
        inverse: Inverse, learnt: (@Sendable () -> Inverse?)? = nil, apply: @escaping @Sendable () async throws -> Void
    ) {
        self.cluster = cluster
        self.action = action
        self.about = about
        self.objectUID = objectUID ?? object?.uid
        self.object = object
        self.inverse = inverse
        self.learnt = learnt
        self.apply = apply
    }
}

/// An object of a cluster, whether or not it is there by now.
package struct ObjectReference: Sendable, Hashable {
    package var apiVersion: String
    package var kind: String
    /// Empty for what has none.
    package var namespace: String
    package var name: String
    package var uid: String

    package init(apiVersion: String, kind: String, namespace: String, name: String, uid: String) {
        self.apiVersion = apiVersion
        self.kind = kind
        self.namespace = namespace
        self.name = name
        self.uid = uid
    }
}

/// What undoes a change: data that another process can read and carry out. Each is idempotent.
package enum Inverse: Sendable, Codable, Equatable {
    case uncordon(node: String, uid: String)
    case cordon(node: String, uid: String)
    case restoreNode(node: String, uid: String)
    /// The expired Node as it was, where it is still there; else a fresh one with these labels, cordoned where the old one
    /// was so before the run (`nil`: no).
    case renewNode(node: String, uid: String, labels: [String: String], isCordoned: Bool? = nil)
    /// An empty value takes a flag out.
    case setFlags([String: String])
    case scale(namespace: String, kind: String, name: String, uid: String, replicas: Int)
    /// Puts back what a merge patch changed; `null`s take fields out.
    case patch(path: String, uid: String, patch: JSONValue)
    /// Deletes what was made. The uid is empty until the API server has said it; until then the object is known by its
    /// annotation ``MadeObject/annotation``, whose value is `mark` (`nil` in journals of versions that set none).
    case delete(path: String, uid: String, mark: String? = nil)
    /// Deletes what istiod makes at `path` because of a ConfigMap at `cause`, which is undone before; an object that is not
    /// istiod's stays.
    case deleteBuilt(path: String, cause: String)
    /// Makes an object what it was: of journals of versions that put back whole objects.
    case replace(path: String, object: JSONValue)
    /// Puts back the fields of an object that a call changed, where they still hold what the call wrote. Until the call has
    /// returned, the changes are those that it was expected to make.
    case restore(path: String, uid: String, changes: [FieldChange])
    /// Gives a ztunnel its levels of logging back; one that was started again has its own by itself.
    case logLevels(pod: String, uid: String, levels: String)
    /// Nothing can be undone: a deleted pod has its successor already.
    case none

    package var isDeletion: Bool {
        switch self {
        case .delete, .deleteBuilt: true
        default: false
        }
    }

    /// For `--dry-run` and reports.
    package var words: String {
        switch self {
        case .uncordon(let node, _): "uncordon \(node)"
        case .cordon(let node, _): "cordon \(node)"
        case .restoreNode(let node, _): "start \(node)"
        case .renewNode(let node, _, _, let isCordoned):
            "provision \(node)\(isCordoned == true ? ", and cordon it" : "")"
        case .setFlags(let flags):
            "set "
                + flags.sorted { $0.key < $1.key }.map { "--\($0.key)=\($0.value.isEmpty ? "(default)" : $0.value)" }
                .joined(separator: " ")
        case .scale(let namespace, let kind, let name, _, let replicas):
            "scale \(namespace)/\(kind)/\(name) to \(replicas)"
        case .patch(let path, _, _): "patch \(path) back"
        case .delete(let path, _, _): "delete \(path)"
        case .deleteBuilt(let path, _): "delete \(path), where istiod has made it"
        case .replace(let path, _): "put \(path) back"
        case .restore(let path, _, _): "restore the changed fields of \(path)"
        case .logLevels(let path, _, let levels): "set the levels of logging of \(path) to \(levels)"
        case .none: "none"
        }
    }
}
