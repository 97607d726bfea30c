import QuakeBase

/// Where a collection or one object of the Kubernetes API lives.
///
///     ResourcePath.pods("demo").path          // /api/v1/namespaces/demo/pods
///     ResourcePath.node("n1").path            // /api/v1/nodes/n1
///     ResourcePath.deployment("demo", "echo").subresource("scale").path
///
/// A namespaced collection with namespace `nil` spans all namespaces.
package struct ResourcePath: Sendable, Hashable {
    /// Empty for the core group.
    package var group: String
    package var version: String
    /// The plural, as in URLs.
    package var resource: String
    package var namespace: String?
    package var name: String?
    package var subresource: String?

    package init(
        group: String = "", version: String = "v1", resource: String, namespace: String? = nil, name: String? = nil,
        subresource: String? = nil
    ) {
        self.group = group
        self.version = version
        self.resource = resource
        self.namespace = namespace
        self.name = name
        self.subresource = subresource
    }

    /// `v1` or `apps/v1`, as in `apiVersion`.
    package var apiVersion: String { group.isEmpty ? version : "\(group)/\(version)" }

    /// The absolute path of a URL, percent-encoded.
    package var path: String {
        var parts = group.isEmpty ? ["api", version] : ["apis", group, version]
        if let namespace { parts += ["namespaces", namespace] }
        parts.append(resource)
        if let name { parts.append(name) }
        if let subresource { parts.append(contentsOf: subresource.split(separator: "/").map(String.init)) }
        return parts.map { "/" + PercentEncoding.segment($0) }.joined()
    }

    /// One object of this collection.
    package func named(_ name: String) -> ResourcePath {
        var copy = self
        copy.name = name
        return copy
    }

    /// A part of this object, such as `status`, `scale` or `eviction`.
    package func subresource(_ subresource: String) -> ResourcePath {
        var copy = self
        copy.subresource = subresource
        return copy
    }

    /// The collection that this object belongs to; a collection itself stays what it is.
    package var collection: ResourcePath {
        ResourcePath(group: group, version: version, resource: resource, namespace: namespace)
    }
}

extension ResourcePath: CustomStringConvertible {
    package var description: String { path }
}
