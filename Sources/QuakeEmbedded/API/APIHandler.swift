import QuakeBase
import QuakeKube
import QuakeSim

/// Answers requests to one cluster's API.
struct APIHandler: Sendable {
    var core: ClusterCore
    var control: ControlAPI
    /// Fetches what a pod's HTTP server answers.
    var proxy: PodProxy

    func answer(_ request: APIRequest) async -> APIAnswer {
        do throws(APIStatus) {
            return try await route(request)
        } catch {
            return .json(error.json, code: error.code, warnings: error.warnings)
        }
    }

    private func route(_ request: APIRequest) async throws(APIStatus) -> APIAnswer {
        switch request.path.first {
        case "peerquake.dev": return try await control.answer(request)
        case "version": return .json(Discovery.version(core.shape.version))
        case "healthz", "livez", "readyz": return .raw(Array("ok".utf8), type: "text/plain")
        case "openapi":
            // With v2 answered by nothing at all, kubectl validates nothing and merges built-in kinds by itself.
            guard request.path.dropFirst().first == "v2" else { throw .noSuchPath }
            return .raw([], type: "application/com.github.proto-openapi.spec.v2.v1.0+protobuf")
        case "api" where request.path.count == 1:
            return .json(Discovery.versions(server: "\(core.addresses.api):\(AddressPlan.apiPort)"))
        case "apis" where request.path.count == 1: return .json(Discovery.groups)
        case "apis" where request.path.dropFirst() == ["authorization.k8s.io", "v1", "selfsubjectaccessreviews"]:
            return .json(try review(request), code: 201)
        case "api" where request.path.count == 2:
            return .json(try discovered(group: "", version: request.path[1]))
        case "apis" where request.path.count == 2: return .json(try group(request.path[1]))
        case "apis" where request.path.count == 3:
            return .json(try discovered(group: request.path[1], version: request.path[2]))
        default: return try await resource(request)
        }
    }

    /// Everybody may do everything.
    private func review(_ request: APIRequest) throws(APIStatus) -> JSONValue {
        guard request.method == "POST" else { throw .methodNotAllowed }
        var review = try request.object()
        review["status"] = ["allowed": true]
        return review
    }

    private func discovered(group: String, version: String) throws(APIStatus) -> JSONValue {
        guard let list = Discovery.resources(group: group, version: version) else { throw .noSuchPath }
        return list
    }

    private func group(_ name: String) throws(APIStatus) -> JSONValue {
        let all = Discovery.groups["groups"]?.arrayValue ?? []
        guard var found = all.first(where: { $0["name"]?.stringValue == name }) else { throw .noSuchPath }
        found["kind"] = "APIGroup"
        found["apiVersion"] = "v1"
        return found
    }

    private func resource(_ request: APIRequest) async throws(APIStatus) -> APIAnswer {
        guard let place = APIPlace(request.path) else { throw .noSuchPath }
        switch place.subresource {
        case nil where place.name == nil: return try await collection(place, request)
        case nil, "status": return try await object(place, request)
        case "eviction" where place.kind == .pods && request.method == "POST":
            let dryRun = request.isDryRun
            let body = try ClusterCore.decode(
                try request.wireBody(), as: "Eviction", apiVersions: ["policy/v1", "policy/v1beta1"]
            ).object
            let asksDryRun = body[path: "deleteOptions.dryRun"]?.arrayValue?.isEmpty == false
            return .json(try await core.evict(try place.key(), body, dryRun: dryRun || asksDryRun), code: 201)
        case "eviction" where place.kind == .pods: throw .methodNotAllowed
        case "scale": return try await scale(place, request)
        case "proxy" where place.kind == .pods: return try await proxied(place, request)
        default: throw .noSuchPath
        }
    }

    // MARK: - Collections

    private func collection(_ place: APIPlace, _ request: APIRequest) async throws(APIStatus) -> APIAnswer {
        switch request.method {
        case "GET" where request.isWatch: return try await watch(place, request)
        case "GET": return try await list(place, request)
        case _ where place.kind.namespaced && place.namespace == nil:
            throw .methodNotAllowed
        case "POST":
            let body = try request.wireBody()
            return try await told(try await core.decode(body, as: place.kind), code: 201) {
                (object) async throws(APIStatus) in
                try await core.create(place.kind, namespace: place.namespace, object, dryRun: request.isDryRun)
            }
        case "DELETE":
            let (items, _) = await core.list(place.kind, try request.selection(place.kind, namespace: place.namespace))
            for item in items {
                let key = ObjectKey(item.namespace, item.name)
                _ = try? await core.delete(
                    place.kind, key, options: try request.object(), dryRun: request.isDryRun)
            }
            return .json(APIStatus.success(200))
        default: throw .methodNotAllowed
        }
    }

    private func list(_ place: APIPlace, _ request: APIRequest) async throws(APIStatus) -> APIAnswer {
        let (all, version) = await core.list(place.kind, try request.selection(place.kind, namespace: place.namespace))
        let (page, next) = try Self.page(all, request)
        var meta: JSONValue = ["resourceVersion": .string(String(version))]
        if let next { meta["continue"] = .string(next) }
        guard request.wantsTable else {
            let head: JSONValue = [
                "kind": .string("\(place.kind.kind)List"), "apiVersion": .string(place.kind.apiVersion),
                "metadata": meta,
            ]
            return .list(APIList(head: head, key: "items", objects: page) { Array($0) })
        }
        let renderer = TableRenderer(now: await core.wallSeconds)
        let included = Self.included(request)
        var head = renderer.head(of: place.kind, resourceVersion: String(version))
        head["metadata"] = meta
        return .list(
            APIList(head: head, key: "rows", objects: page) { [kind = place.kind] in
                renderer.rows(of: kind, $0, includeObject: included)
            })
    }

    /// What each row of a table holds of its object.
    private static func included(_ request: APIRequest) -> String { request.query["includeObject"] ?? "Metadata" }

    /// `continue` is the name that the next page begins with: a page may thus see later changes, as a relist would.
    private static func page(
        _ all: [JSONValue], _ request: APIRequest
    ) throws(APIStatus) -> (page: [JSONValue], next: String?) {
        func place(_ object: JSONValue) -> String { "\(object.namespace)/\(object.name)" }
        var rest = all[...]
        if let from = request.query["continue"], !from.isEmpty { rest = rest.drop { place($0) < from } }
        guard let limit = request.query["limit"].flatMap({ Int($0) }), limit > 0, rest.count > limit else {
            return (Array(rest), nil)
        }
        return (Array(rest.prefix(limit)), rest.dropFirst(limit).first.map(place))
    }

    private func table(
        _ kind: ResourceKind, _ objects: [JSONValue], _ version: String, _ request: APIRequest,
        withColumns: Bool = true
    ) async -> JSONValue {
        TableRenderer(now: await core.wallSeconds).table(
            of: kind, objects, resourceVersion: version, includeObject: Self.included(request),
            withColumns: withColumns)
    }

    private func watch(_ place: APIPlace, _ request: APIRequest) async throws(APIStatus) -> APIAnswer {
        var selection = try request.selection(place.kind, namespace: place.namespace)
        if let name = place.name { selection.fields = try FieldSelector(parsing: "metadata.name=\(name)") }
        let after = request.query["resourceVersion"].flatMap { Int($0) }
        let watch = try await core.watch(place.kind, selection, after: after)
        let limit = request.query["timeoutSeconds"].flatMap { Int($0) } ?? 1800
        let wanted = selection
        let (lines, output) = AsyncStream<JSONValue>.makeStream()
        let task = Task {
            for object in watch.initial { output.yield(await line(.added, object, place.kind, request)) }
            if request.query["sendInitialEvents"] == "true" {
                output.yield(bookmark(place.kind, watch.version))
            }
            for await change in watch.stream {
                guard let (verb, object) = change.seen(by: wanted, kind: place.kind) else { continue }
                output.yield(await line(verb, object, place.kind, request))
            }
            output.finish()
        }
        let clock = Task {
            try? await Task.sleep(for: .seconds(limit))
            await core.endWatch(watch.id)
        }
        output.onTermination = { _ in
            clock.cancel()
            task.cancel()
            Task { await core.endWatch(watch.id) }
        }
        return .stream(lines)
    }

    private func line(
        _ verb: StoredChange.Verb, _ object: JSONValue, _ kind: ResourceKind, _ request: APIRequest
    ) async -> JSONValue {
        let shown =
            request.wantsTable ? await table(kind, [object], object.resourceVersion, request) : object
        return ["type": .string(verb.rawValue), "object": shown]
    }

    private func bookmark(_ kind: ResourceKind, _ version: Int) -> JSONValue {
        [
            "type": "BOOKMARK",
            "object": [
                "kind": .string(kind.kind), "apiVersion": .string(kind.apiVersion),
                "metadata": [
                    "resourceVersion": .string(String(version)),
                    "annotations": [WellKnown.initialEventsEnd: "true"],
                ],
            ],
        ]
    }

    // MARK: - Objects

    private func object(_ place: APIPlace, _ request: APIRequest) async throws(APIStatus) -> APIAnswer {
        let key = try place.key()
        switch request.method {
        case "GET" where request.isWatch: return try await watch(place, request)
        case "GET":
            let object = try await core.get(place.kind, key)
            if request.wantsTable {
                return .json(await table(place.kind, [object], object.resourceVersion, request))
            }
            return .json(object)
        case "PUT":
            let body = try request.wireBody()
            return try await told(try await core.decode(body, as: place.kind)) { (object) async throws(APIStatus) in
                try await core.replace(
                    place.kind, key, subresource: place.subresource, object, dryRun: request.isDryRun)
            }
        case "PATCH":
            let type = try request.patchType(of: place.kind)
            let written = try await core.patch(
                place.kind, key, subresource: place.subresource, try request.wireBody(), type,
                dryRun: request.isDryRun)
            return .json(written.object, warnings: written.warnings)
        case "DELETE":
            try request.checkDryRun("DeleteOptions")
            let options = try request.object()
            let asksDryRun = options["dryRun"]?.arrayValue?.isEmpty == false
            return .json(
                try await core.delete(place.kind, key, options: options, dryRun: request.isDryRun || asksDryRun))
        default: throw .methodNotAllowed
        }
    }

    /// Hands on what decoding warned of, whatever comes of the write.
    private func told(
        _ decoded: Written, code: Int = 200, _ write: (JSONValue) async throws(APIStatus) -> Written
    ) async throws(APIStatus) -> APIAnswer {
        do throws(APIStatus) {
            let written = try await write(decoded.object)
            return .json(written.object, code: code, warnings: decoded.warnings + written.warnings)
        } catch {
            var refusal = error
            refusal.warnings = decoded.warnings + error.warnings
            throw refusal
        }
    }

    private func scale(_ place: APIPlace, _ request: APIRequest) async throws(APIStatus) -> APIAnswer {
        let key = try place.key()
        switch request.method {
        case "GET": return .json(try await core.scale(place.kind, key))
        case "PUT":
            let body = try ClusterCore.decode(
                try request.wireBody(), as: "Scale", apiVersions: ["autoscaling/v1"])
            if !body.object.name.isEmpty, body.object.name != key.name {
                throw .badRequest(
                    "the name of the object (\(body.object.name)) does not match the name on the URL (\(key.name))")
            }
            return .json(try await core.setScale(place.kind, key, body.object, dryRun: request.isDryRun))
        case "PATCH":
            let type = try request.patchType(of: place.kind)
            return .json(
                try await core.patchScale(
                    place.kind, key, try request.wireBody(), type, dryRun: request.isDryRun))
        default: throw .methodNotAllowed
        }
    }

    private func proxied(_ place: APIPlace, _ request: APIRequest) async throws(APIStatus) -> APIAnswer {
        var key = try place.key()
        let parts = key.name.split(separator: ":").map(String.init)
        guard let port = parts.count > 1 ? parts.last.flatMap({ Int($0) }) : 80 else { throw .noSuchPath }
        key.name = parts.count > 2 ? parts[1] : parts.first ?? ""
        let address = try await core.podAddress(key)
        let query = PercentEncoding.query(request.query.sorted { $0.key < $1.key }.map { ($0.key, $0.value) })
        let path = "/" + place.rest.map(PercentEncoding.segment).joined(separator: "/")
        return try await proxy.get(host: address, port: port, path: path + query)
    }
}
