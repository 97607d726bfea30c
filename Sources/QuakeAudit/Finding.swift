package import QuakeKube

/// A field whose value a finding rests on.
package struct Evidence: Sendable, Equatable {
    /// `Deployment istio-eastwest/istio-eastwest`.
    package var object: String
    /// A dotted path, with numbers for elements of lists.
    package var field: String
    /// As JSON, strings without quotation marks; `absent` where the field is not there.
    package var value: String

    package init(_ object: JSONValue, _ field: String, _ value: String) {
        self.object = object.title
        self.field = field
        self.value = value
    }

    /// The field's value is looked up.
    init(_ object: JSONValue, _ field: String) {
        self.init(object, field, Self.words(object[path: field]))
    }

    /// A label or an annotation, whose key has dots.
    init(_ object: JSONValue, label key: String) {
        self.init(object, "metadata.labels[\(key)]", object.labels[key] ?? "absent")
    }

    init(_ object: JSONValue, annotation key: String) {
        self.init(object, "metadata.annotations[\(key)]", object.annotations[key] ?? "absent")
    }

    private static func words(_ value: JSONValue?) -> String {
        value.map { $0.stringValue ?? $0.text() } ?? "absent"
    }
}

extension JSONValue {
    /// `Kind namespace/name`, or `Kind name`.
    var title: String { "\(kind) \(namespace.isEmpty ? "" : "\(namespace)/")\(name)" }
}

/// A practice that a cluster does not keep to.
package struct Finding: Sendable, Equatable {
    package var rule: RuleDeclaration
    package var cluster: String
    /// A sentence without its stop.
    package var message: String
    /// Not empty.
    package var evidence: [Evidence]
    /// What it costs, with the mesh, its tunnels and the method that the figure holds for; `nil` where none is measured.
    package var cost: String?
    /// `nil` where no object of the cluster would mend it.
    package var fix: AuditFix?
}
