import QuakeBase
import QuakeKube
import QuakeSim

/// A request to the API, taken apart.
struct APIRequest: Sendable {
    var method: String
    var path: [String]
    var query: [String: String]
    var contentType: String
    var accept: String
    var body: [UInt8]

    /// Splits a request target. Percent-encoding is undone in names and values.
    init(method: String, target: String, contentType: String = "", accept: String = "", body: [UInt8] = []) {
        self.method = method
        let target = RequestTarget(target)
        path = target.segments
        query = Dictionary(target.query.map { ($0.name, $0.value) }) { $1 }
        self.contentType = contentType
        self.accept = accept
        self.body = body
    }

    var isDryRun: Bool { query["dryRun"]?.contains("All") == true }
    var isWatch: Bool { query["watch"] == "true" || query["watch"] == "1" }
    /// The client would rather have rows to print.
    var wantsTable: Bool { accept.contains("as=Table") }

    /// The body as an object, JSON by default, whatever the Content-Type says or leaves out.
    func object() throws(APIStatus) -> JSONValue {
        if body.isEmpty { return .object([:]) }
        if Protobuf.isProtobuf(body) { return try Protobuf.decode(body) }
        do {
            return try JSONValue(parsing: body)
        } catch {
            throw .badRequest("the body of the request is not understood: \(error.message)")
        }
    }

    /// - Throws: 415 for a type that is none, and for strategic merge patches of custom resources.
    func patchType(of kind: ResourceKind) throws(APIStatus) -> PatchType {
        let type = contentType.split(separator: ";").first.map(String.init) ?? ""
        guard let patch = PatchType(rawValue: type), !(kind.isCustom && patch == .strategic) else {
            let last = kind.isCustom ? "" : ", application/strategic-merge-patch+json"
            throw APIStatus(
                415, "UnsupportedMediaType",
                "the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json\(last), application/apply-patch+yaml",
                details: [:])
        }
        return patch
    }

    /// The body, and what its `fieldValidation` asks for.
    func wireBody() throws(APIStatus) -> WireBody {
        let options =
            switch method {
            case "PATCH": "PatchOptions"
            case "PUT": "UpdateOptions"
            default: "CreateOptions"
            }
        let asked = query["fieldValidation"] ?? ""
        guard let validation = asked.isEmpty ? .warn : FieldValidation(rawValue: asked) else {
            throw .invalidOption(
                options, "fieldValidation", .string(asked), ["", "Ignore", "Strict", "Warn"])
        }
        try checkDryRun(options)
        return WireBody(bytes: body, validation: validation)
    }

    /// - Throws: 422 for a dry run of another kind than `All`.
    func checkDryRun(_ options: String) throws(APIStatus) {
        if let dryRun = query["dryRun"], !dryRun.isEmpty, dryRun != "All" {
            throw .invalidOption(options, "dryRun", [.string(dryRun)], ["All"])
        }
    }

    /// - Throws: 400 for selectors and limits that are none, and for fields that the kind does not select by.
    func selection(_ kind: ResourceKind, namespace: String?) throws(APIStatus) -> Selection {
        if let limit = query["limit"], !limit.isEmpty, Int(limit) == nil {
            throw .badRequest("strconv.ParseInt: parsing \(JSONValue.string(limit).text()): invalid syntax")
        }
        let fields = try FieldSelector(parsing: query["fieldSelector"] ?? "")
        if let unknown = fields.paths.first(where: { !kind.selectableFields.contains($0) }) {
            throw .badRequest("field label not supported: \(unknown)")
        }
        return Selection(
            namespace: namespace, labels: try LabelSelector(parsing: query["labelSelector"] ?? ""), fields: fields)
    }
}

/// What an answer is made of.
enum APIAnswer: Sendable {
    case json(JSONValue, code: Int = 200, warnings: [String] = [])
    case raw([UInt8], type: String, code: Int = 200)
    /// A collection, made piece by piece.
    case list(APIList)
    /// Lines of JSON for as long as the stream lasts. Who reads them no more lets go of it.
    case stream(AsyncStream<JSONValue>)
}

/// A place in the API: a collection, an object, or a part of one.
struct APIPlace: Sendable {
    var kind: ResourceKind
    var namespace: String?
    var name: String?
    var subresource: String?
    /// After the subresource, for proxies.
    var rest: [String]

    /// `nil` for a path that names no kind served.
    init?(_ path: [String]) {
        var parts = path[...]
        var group = "", version = ""
        switch parts.popFirst() {
        case "api": version = parts.popFirst() ?? ""
        case "apis":
            group = parts.popFirst() ?? ""
            version = parts.popFirst() ?? ""
        default: return nil
        }
        if parts.first == "namespaces", parts.count >= 3, parts.dropFirst(2).first != "status" {
            parts.removeFirst()
            namespace = parts.popFirst()
        }
        guard let resource = parts.popFirst(),
            let kind = ResourceKind.find(group: group, version: version, resource: resource)
        else { return nil }
        self.kind = kind
        name = parts.popFirst()
        subresource = parts.popFirst()
        rest = Array(parts)
    }

    /// - Throws: 404 for a namespaced object named without its namespace.
    func key() throws(APIStatus) -> ObjectKey {
        guard let name, !kind.namespaced || namespace != nil else { throw .noSuchPath }
        return ObjectKey(kind.namespaced ? namespace ?? "" : "", name)
    }
}
