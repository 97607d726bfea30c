import QuakeBase

/// A kind as an API server serves it.
package struct ServedKind: Sendable, Equatable {
    /// The plural, as in URLs.
    package var resource: String
    package var isNamespaced: Bool

    package init(resource: String, isNamespaced: Bool) {
        self.resource = resource
        self.isNamespaced = isNamespaced
    }
}

extension KubeClient {
    /// Kind → how it is served, of one group and version; `nil` where the server does not have that.
    package func servedKinds(of apiVersion: String) async throws(KubeError) -> [String: ServedKind]? {
        let path = (apiVersion.contains("/") ? ["apis"] : ["api"]) + apiVersion.split(separator: "/").map(String.init)
        let list: JSONValue
        do throws(KubeError) {
            list = try decoded(try await raw("GET", path.map { "/" + PercentEncoding.segment($0) }.joined()))
        } catch {
            guard error.code == .notFound else { throw error }
            return nil
        }
        return (list["resources"]?.arrayValue ?? []).reduce(into: [:]) { kinds, entry in
            // A subresource has the kind of its parent, or of what is sent to it.
            guard let name = entry["name"]?.stringValue, !name.contains("/"), let kind = entry["kind"]?.stringValue
            else { return }
            kinds[kind] = ServedKind(resource: name, isNamespaced: entry["namespaced"]?.boolValue ?? false)
        }
    }

    /// The place of a manifest's object, as the server's discovery tells it. A namespaced object that names no namespace
    /// goes to the context's, else to `default`, as for kubectl.
    ///
    /// - Throws: `.invalid` for a manifest without apiVersion, kind or name, and for a kind that the server does not have.
    package func path(for manifest: JSONValue) async throws(KubeError) -> ResourcePath {
        let (group, version) = try ResourcePath.groupVersion(of: manifest)
        guard let served = try await servedKinds(of: manifest.apiVersion)?[manifest.kind] else {
            throw KubeError(
                .invalid, "the server has no kind \"\(manifest.kind)\" in version \"\(manifest.apiVersion)\"")
        }
        let home = context.namespace.flatMap { $0.isEmpty ? nil : $0 } ?? "default"
        let namespace = manifest.namespace.isEmpty ? home : manifest.namespace
        return ResourcePath(
            group: group, version: version, resource: served.resource,
            namespace: served.isNamespaced ? namespace : nil, name: manifest.name)
    }

    /// One object; `nil` where there is none of that name.
    package func find(_ path: ResourcePath, timeout: Duration? = nil) async throws(KubeError) -> JSONValue? {
        do throws(KubeError) {
            return try await get(path, timeout: timeout)
        } catch {
            guard error.code == .notFound else { throw error }
            return nil
        }
    }

    /// Whether the server knows server-side apply: one that does not answers 415 to its media type.
    package func hasServerSideApply() async throws(KubeError) -> Bool {
        let object: JSONValue = ["apiVersion": "v1", "kind": "Namespace", "metadata": ["name": "kube-system"]]
        do throws(KubeError) {
            _ = try await raw(
                "PATCH", ResourcePath.namespace("kube-system").path,
                query: [("fieldManager", "peerquake"), ("dryRun", "All")], body: object.serialized(),
                contentType: "application/apply-patch+yaml")
            return true
        } catch {
            switch error.code {
            case .invalid: return error.httpStatus != 415
            // Whoever may not do this may do something else, and a conflict is an answer of a server that knows it.
            case .forbidden, .conflict: return true
            default: throw error
            }
        }
    }
}
