/// One cluster's API server, as one kubeconfig context reaches it.
///
/// Every call ends: by its answer, by its time-out, or by cancellation of the task. Answers that say no are thrown as
/// ``KubeError``s. Nothing is retried except a 429 with `Retry-After` (never for evictions, where 429 is the finding), and
/// once a read that the server refused with 401 where its credentials have been renewed since.
package struct KubeClient: Sendable {
    /// How long calls may take, unless a call says otherwise.
    package struct Options: Sendable {
        /// Until the last byte of an answer.
        package var timeout: Duration
        /// Until the connection stands, TLS included.
        package var connectTimeout: Duration
        /// Objects a page of a list.
        package var pageSize: Int
        /// How long all waits for `Retry-After` together may take in one call.
        package var retryBudget: Duration

        package init(
            timeout: Duration = .seconds(20), connectTimeout: Duration = .seconds(5), pageSize: Int = 500,
            retryBudget: Duration = .seconds(10)
        ) {
            self.timeout = timeout
            self.connectTimeout = connectTimeout
            self.pageSize = pageSize
            self.retryBudget = retryBudget
        }
    }

    /// The kubeconfig context that this client speaks for.
    package let context: Kubeconfig.Context
    package let options: Options
    private let way: Result<APIRoute, KubeError>

    /// Makes no connection yet. Files that the context names are read at the first request.
    ///
    /// - Parameter environment: has the proxies for a cluster without a `proxy-url`.
    package init(
        _ context: Kubeconfig.Context, options: Options = Options(),
        environment: [String: String] = Command.inheritedEnvironment
    ) {
        self.context = context
        self.options = options
        way = Result { () throws(KubeError) in try APIRoute(context.cluster, environment: environment) }
    }

    /// How the server is reached.
    ///
    /// - Throws: `.config` where the context's cluster does not say it rightly.
    package var route: APIRoute { get throws(KubeError) { try way.get() } }

    /// That the context's credentials stay here, where they do; `nil` elsewhere.
    package var withheldCredentials: String? {
        guard let route = try? self.route, !route.carriesCredentials,
            context.user.isIdentified || route.server.user != nil
        else { return nil }
        return "the credentials of user \"\(context.user.name)\" are not sent: \(context.cluster.server) is plain http"
    }
}

/// How a patch's body is to be understood.
package enum PatchType: String, Sendable, Codable {
    /// Lists of known fields are merged by key.
    case strategic = "application/strategic-merge-patch+json"
    /// RFC 7386: `null` removes, lists are replaced.
    case merge = "application/merge-patch+json"
    /// RFC 6902: an array of operations.
    case json = "application/json-patch+json"
}

/// What becomes of an object's dependents.
package enum DeletionPropagation: String, Sendable, Codable {
    case background = "Background"
    case foreground = "Foreground"
    case orphan = "Orphan"
}

/// A whole collection at one resourceVersion.
package struct ResourceList: Sendable, Equatable {
    package var items: [JSONValue]
    /// Where a watch goes on from.
    package var resourceVersion: String

    package init(items: [JSONValue], resourceVersion: String) {
        self.items = items
        self.resourceVersion = resourceVersion
    }
}

/// An answer as it came; its status is below 400, else it had been thrown.
package struct RawAnswer: Sendable, Equatable {
    package var status: Int
    /// Empty where the answer has none.
    package var contentType: String
    package var body: [UInt8]

    package init(status: Int, contentType: String = "", body: [UInt8]) {
        self.status = status
        self.contentType = contentType
        self.body = body
    }
}

extension KubeClient {
    /// One object.
    package func get(_ path: ResourcePath, timeout: Duration? = nil) async throws(KubeError) -> JSONValue {
        try decoded(try await request("GET", path.path, timeout: timeout))
    }

    /// A collection, page by page. If the server forgets the `continue` token midway, it is listed anew at once.
    ///
    /// - Parameters:
    ///   - labels: a label selector in kubectl's syntax.
    ///   - fields: a field selector in kubectl's syntax.
    package func list(
        _ path: ResourcePath, labels: String? = nil, fields: String? = nil, timeout: Duration? = nil
    ) async throws(KubeError) -> ResourceList {
        var items: [JSONValue] = []
        var next: String?
        while true {
            var query = [("limit", String(options.pageSize))]
            if let labels { query.append(("labelSelector", labels)) }
            if let fields { query.append(("fieldSelector", fields)) }
            if let next { query.append(("continue", next)) }
            let page: JSONValue
            do throws(KubeError) {
                page = try decoded(try await request("GET", path.path, query: query, timeout: timeout))
            } catch {
                guard error.code == .gone, next != nil else { throw error }
                (items, next) = ([], nil)
                continue
            }
            items += page["items"]?.arrayValue ?? []
            next = page.metadata["continue"]?.stringValue
            if next?.isEmpty ?? true { return ResourceList(items: items, resourceVersion: page.resourceVersion) }
        }
    }

    /// Creates the object in the collection `path`; a name in `path` is left out. Returns it as stored.
    @discardableResult
    package func create(
        _ object: JSONValue, at path: ResourcePath, timeout: Duration? = nil
    ) async throws(KubeError) -> JSONValue {
        try decoded(
            try await request("POST", path.collection.path, body: object.serialized(), timeout: timeout))
    }

    /// Replaces the object at `path`. With `metadata.resourceVersion` in it, another writer's change is a `.conflict`.
    @discardableResult
    package func replace(
        _ object: JSONValue, at path: ResourcePath, timeout: Duration? = nil
    ) async throws(KubeError) -> JSONValue {
        try decoded(try await request("PUT", path.path, body: object.serialized(), timeout: timeout))
    }

    /// Patches the object at `path`. With `metadata.resourceVersion` or `metadata.uid` in a merge patch, another
    /// writer's change or another object of the same name is a `.conflict`.
    @discardableResult
    package func patch(
        _ path: ResourcePath, _ patch: JSONValue, type: PatchType = .merge, timeout: Duration? = nil
    ) async throws(KubeError) -> JSONValue {
        try decoded(
            try await request(
                "PATCH", path.path, body: patch.serialized(), contentType: type.rawValue, timeout: timeout))
    }

    /// Begins the deletion of the object at `path`. Returns the object as it goes, or a `Status`.
    ///
    /// - Parameters:
    ///   - uid: if the object has another one by now, nothing is deleted: `.conflict`.
    ///   - gracePeriod: in whole seconds; `nil` is the object's own.
    @discardableResult
    package func delete(
        _ path: ResourcePath, uid: String? = nil, gracePeriod: Duration? = nil,
        propagation: DeletionPropagation = .background, timeout: Duration? = nil
    ) async throws(KubeError) -> JSONValue {
        var body: JSONValue = [
            "kind": "DeleteOptions", "apiVersion": "v1", "propagationPolicy": .string(propagation.rawValue),
        ]
        if let uid { body["preconditions"] = ["uid": .string(uid)] }
        if let gracePeriod { body["gracePeriodSeconds"] = .int(gracePeriod.components.seconds) }
        return try decoded(try await request("DELETE", path.path, body: body.serialized(), timeout: timeout))
    }

    /// Asks for the eviction of a pod, as a drain does; a budget that forbids it is `.tooManyRequests`, never retried.
    ///
    /// - Parameter dryRun: asks what would be said, and evicts nothing.
    package func evict(
        _ namespace: String, _ pod: String, uid: String? = nil, gracePeriod: Duration? = nil, dryRun: Bool = false,
        timeout: Duration? = nil
    ) async throws(KubeError) {
        var options: JSONValue = [:]
        if let uid { options["preconditions"] = ["uid": .string(uid)] }
        if let gracePeriod { options["gracePeriodSeconds"] = .int(gracePeriod.components.seconds) }
        let body: JSONValue = [
            "apiVersion": "policy/v1", "kind": "Eviction",
            "metadata": ["name": .string(pod), "namespace": .string(namespace)], "deleteOptions": options,
        ]
        _ = try await request(
            "POST", ResourcePath.pod(namespace, pod).subresource("eviction").path,
            query: dryRun ? [("dryRun", "All")] : [], body: body.serialized(), timeout: timeout, retries: false)
    }

    /// Any request; `path` is absolute and percent-encoded already. Statuses of 400 and above are thrown.
    package func raw(
        _ method: String, _ path: String, query: [(String, String)] = [], body: [UInt8]? = nil,
        contentType: String = "application/json", accept: String = "application/json", timeout: Duration? = nil
    ) async throws(KubeError) -> RawAnswer {
        try await request(
            method, path, query: query, body: body, contentType: contentType, accept: accept, timeout: timeout)
    }

    /// What a pod's HTTP server answers on `port`, through the API server's proxy.
    ///
    /// - Parameter path: begins with `/`, query included, percent-encoded already.
    package func podProxyGet(
        _ namespace: String, _ pod: String, port: Int, path: String, timeout: Duration? = nil
    ) async throws(KubeError) -> [UInt8] {
        let parts = path.split(separator: "?", maxSplits: 1).map(String.init)
        let query = (parts.count > 1 ? parts[1] : "").split(separator: "&").map { pair -> (String, String) in
            let sides = pair.split(separator: "=", maxSplits: 1).map(String.init)
            return (sides[0], sides.count > 1 ? sides[1] : "")
        }
        let proxy = ResourcePath.pod(namespace, "\(pod):\(port)").subresource("proxy").path
        return try await request("GET", proxy + (parts.first ?? ""), query: query, accept: "*/*", timeout: timeout).body
    }
}

extension KubeClient {
    func decoded(_ answer: RawAnswer) throws(KubeError) -> JSONValue {
        do throws(KubeError) {
            return try JSONValue(parsing: answer.body)
        } catch {
            throw error.within("the answer of \(context.name)")
        }
    }

    /// What `/version` says: `v1.36.2`.
    package func serverVersion() async throws(KubeError) -> String {
        try decoded(try await request("GET", "/version"))["gitVersion"]?.stringValue ?? ""
    }

    /// Creates the manifest's object, or merges the manifest into the one that there is.
    ///
    /// - Returns: whether it was created.
    @discardableResult
    package func apply(_ manifest: JSONValue, defaultNamespace: String = "default") async throws(KubeError) -> Bool {
        let path = try ResourcePath(manifest: manifest, defaultNamespace: defaultNamespace)
        do throws(KubeError) {
            try await create(manifest, at: path)
            return true
        } catch {
            guard error.code == .alreadyExists else { throw error }
            try await patch(path, manifest, type: .merge)
            return false
        }
    }
}
