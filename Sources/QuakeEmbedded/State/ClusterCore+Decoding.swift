import QuakeKube
import QuakeSim

/// What `fieldValidation` asks for fields that are unknown or stand twice.
enum FieldValidation: String, Sendable, CaseIterable {
    case ignore = "Ignore"
    case warn = "Warn"
    case strict = "Strict"
}

/// An object that a client sent, and what is to be warned of.
struct Written: Sendable {
    var object: JSONValue
    var warnings: [String] = []
}

/// A request's body as it came.
struct WireBody: Sendable {
    var bytes: [UInt8]
    var validation: FieldValidation
}

extension ClusterCore {
    // MARK: - Whole objects

    /// A body as the API server's decoder takes it: of the right kind and types, without unknown fields.
    ///
    /// - Throws: 400, in its words.
    func decode(_ body: WireBody, as kind: ResourceKind) throws(APIStatus) -> Written {
        var object = try Self.parse(body.bytes, as: kind.kind)
        if kind.isCustom { try Self.checkCustomKind(object, kind) }
        try Self.checkKind(&object, kind.kind, kind.apiVersion, kind.group)
        let schema = customSchema(of: kind)
        let shape = schema?.shape ?? (kind.isCustom ? .any : .named(kind.kind))
        let name = "\(kind.kind) in version \"\(kind.version)\" cannot be handled as a \(kind.kind)"
        return try Self.decode(object, body, shape, name, custom: kind.isCustom)
    }

    /// The Eviction of policy/v1, or of v1beta1, which old clients send; or a Scale.
    static func decode(_ body: WireBody, as type: String, apiVersions: [String]) throws(APIStatus) -> Written {
        var object = try parse(body.bytes, as: type)
        let version = object["apiVersion"]?.stringValue ?? ""
        let group = apiVersions[0].split(separator: "/").first.map(String.init) ?? ""
        try checkKind(&object, type, apiVersions.contains(version) ? version : apiVersions[0], group)
        return try decode(
            object, body, .named(type), "\(type) in version \"v1\" cannot be handled as a \(type)", custom: false)
    }

    private static func decode(
        _ object: JSONValue, _ body: WireBody, _ shape: FieldShape, _ name: String, custom: Bool
    ) throws(APIStatus) -> Written {
        if case .named(let type) = shape, let problem = FieldDecoding.problem(of: object, as: type) {
            throw .badRequest("\(name): \(problem)")
        }
        if custom, let problem = FieldDecoding.problem(of: object.metadata, as: "ObjectMeta") {
            throw .badRequest("\(name): \(problem)")
        }
        var written = Written(object: FieldDecoding.pruned(object, shape))
        guard body.validation != .ignore, !Protobuf.isProtobuf(body.bytes) else { return written }
        let problems = StrictFields.problems(of: body.bytes, as: shape)
        if body.validation == .strict, !problems.isEmpty {
            throw .badRequest("\(name): strict decoding error: \(problems.joined(separator: ", "))")
        }
        written.warnings = problems
        return written
    }

    private static func parse(_ bytes: [UInt8], as type: String) throws(APIStatus) -> JSONValue {
        if Protobuf.isProtobuf(bytes) { return try Protobuf.decode(bytes) }
        if bytes.isEmpty {
            throw .badRequest(
                "the object provided is unrecognized (must be of type \(type)): couldn't get version/kind; json parse error: unexpected end of JSON input (<empty>)"
            )
        }
        do throws(KubeError) {
            return try JSONValue(parsing: bytes)
        } catch {
            let text = String(decoding: bytes.prefix(256), as: UTF8.self)
            throw .badRequest(
                "the object provided is unrecognized (must be of type \(type)): couldn't get version/kind; json parse error: \(goProblem(error)) (\(text))"
            )
        }
    }

    /// What Go's decoder says of text that is no JSON.
    private static func goProblem(_ error: KubeError) -> String {
        error.message.contains("where the text ends") ? "unexpected end of JSON input" : error.message
    }

    /// A custom resource has no type to fall back on.
    private static func checkCustomKind(_ object: JSONValue, _ kind: ResourceKind) throws(APIStatus) {
        guard let found = object["kind"]?.stringValue else {
            throw .badRequest(
                "the object provided is unrecognized (must be of type \(kind.kind)): Object 'Kind' is missing in '\(object.text())'"
            )
        }
        if found != kind.kind, object["apiVersion"]?.stringValue == kind.apiVersion {
            var problems = FieldProblems()
            problems.invalid("kind", .string(found), "must be \(kind.kind)")
            throw .invalid(kind, object.name, problems.all)
        }
    }

    private static func checkKind(
        _ object: inout JSONValue, _ kind: String, _ apiVersion: String, _ group: String
    ) throws(APIStatus) {
        let foundKind = object["kind"]?.stringValue ?? kind
        let foundVersion = object["apiVersion"]?.stringValue ?? apiVersion
        if foundKind != kind {
            let version = foundVersion.split(separator: "/").last.map(String.init) ?? ""
            let package = group.isEmpty ? "core" : group.split(separator: ".")[0]
            throw .badRequest(
                "\(foundKind) in version \"\(version)\" cannot be handled as a \(kind): converting (\(version).\(foundKind)) to (\(package).\(kind)): unknown conversion"
            )
        }
        if foundVersion != apiVersion {
            throw .badRequest(
                "the API version in the data (\(foundVersion)) does not match the expected API version (\(apiVersion))")
        }
        if object.objectValue != nil {
            object["kind"] = .string(kind)
            object["apiVersion"] = .string(apiVersion)
        }
    }

    /// Out of the definition that is there; `nil` where there is none, or none with a schema.
    func customSchema(of kind: ResourceKind) -> CustomSchema? {
        guard kind.isCustom,
            let definitions = ResourceKind.find(
                group: "apiextensions.k8s.io", version: "v1", resource: "customresourcedefinitions"),
            let definition = store[definitions, ObjectKey("", kind.qualified)]
        else { return nil }
        return CustomSchema(definition: definition, version: kind.version)
    }

    // MARK: - Patches

    /// A present object as a patch makes it.
    ///
    /// - Parameter type: what the patched object must be: `Deployment`, `Scale`.
    /// - Throws: 400 for a patch that is none, 422 with the cause `patch` for one whose result cannot be decoded.
    func patched(
        _ present: JSONValue, by body: WireBody, _ patchType: PatchType, _ type: String, _ shape: FieldShape
    ) throws(APIStatus) -> Written {
        let patch = try Self.parsePatch(body.bytes, patchType)
        let result = try Patch.apply(patch, type: patchType, to: present)
        let shown = patchType == .strategic ? Self.goMap(patch) : result.text()
        if case .named = shape, let problem = FieldDecoding.problem(of: result, as: type) {
            throw .invalidPatch(shown, patchType == .strategic ? "unrecognized type: \(problem)" : problem)
        }
        if type != "Scale", let problem = FieldDecoding.problem(of: result.metadata, as: "ObjectMeta") {
            throw .invalidPatch(shown, problem)
        }
        if result["kind"] != present["kind"] || result["apiVersion"] != present["apiVersion"] {
            throw .invalidPatch(shown, "the patch may not change the kind or the API version")
        }
        var written = Written(object: FieldDecoding.pruned(result, shape))
        guard body.validation != .ignore else { return written }
        let twice =
            patchType == .json
            ? [] : StrictFields.problems(of: body.bytes, as: shape).filter { $0.hasPrefix("duplicate") }
        let problems = twice + StrictFields.problems(of: result.serialized(), as: shape)
        if body.validation == .strict, !problems.isEmpty {
            throw .invalidPatch(shown, "strict decoding error: \(problems.joined(separator: ", "))")
        }
        written.warnings = problems
        return written
    }

    private static func parsePatch(_ bytes: [UInt8], _ type: PatchType) throws(APIStatus) -> JSONValue {
        let patch: JSONValue
        do throws(KubeError) {
            patch = try JSONValue(parsing: bytes)
        } catch {
            throw .badRequest(type == .strategic ? goProblem(error) : "error decoding patch: \(goProblem(error))")
        }
        switch (type, patch) {
        case (.json, .array), (.merge, .object), (.strategic, .object): return patch
        case (.json, _):
            throw .badRequest(
                "error decoding patch: json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp")
        default:
            throw .badRequest(
                "error decoding patch: json: cannot unmarshal array into Go value of type map[string]interface {}")
        }
    }

    /// `map[spec:map[replicas:1]]`.
    private static func goMap(_ value: JSONValue) -> String {
        switch value {
        case .object(let members):
            let parts = members.sorted { $0.key < $1.key }.map { "\($0.key):\(goMap($0.value))" }
            return "map[\(parts.joined(separator: " "))]"
        case .array(let elements): return "[\(elements.map(goMap).joined(separator: " "))]"
        case .string(let text): return text
        case .null: return "<nil>"
        default: return value.text()
        }
    }
}

extension ResourceKind {
    /// Served by a CustomResourceDefinition on a real cluster.
    var isCustom: Bool { ["karpenter.sh", "gateway.networking.k8s.io"].contains(group) }

    /// A PUT must say which version it replaces.
    var needsVersion: Bool {
        isCustom || [.budgets, .leases].contains(self)
            || ["customresourcedefinitions", "serviceaccounts"].contains(resource)
    }
}

extension APIStatus {
    static func invalidPatch(_ shown: String, _ problem: String) -> APIStatus {
        let message = "Invalid value: \(JSONValue.string(shown).text()): \(problem)"
        return APIStatus(
            422, "Invalid", " \"\" is invalid: patch: \(message)",
            details: ["causes": [["reason": "FieldValueInvalid", "message": .string(message), "field": "patch"]]])
    }

    /// A JSON patch whose operations do not apply.
    static let unappliable = APIStatus(
        422, "Invalid", "the server rejected our request due to an error in our request", details: [:])

    /// A value of a query parameter that is none.
    static func invalidOption(_ type: String, _ field: String, _ value: JSONValue, _ supported: [String]) -> APIStatus {
        var problems = FieldProblems()
        problems.notSupported(field, value, supported)
        let kind = ResourceKind("meta.k8s.io", type, type)
        return .invalid(kind, "", problems.all)
    }
}
