import QuakeYAML

/// What stands where in a kubeconfig: the types of client-go's `tools/clientcmd/api/v1`. Other keys are left alone, `null`
/// is always as if nothing were there.
indirect enum KubeconfigShape: Sendable {
    case text
    case flag
    /// Base64 of anything.
    case bytes
    case anything
    case list(KubeconfigShape)
    case map(KubeconfigShape)
    case object([String: KubeconfigShape])

    static let config = object([
        "kind": .text, "apiVersion": .text, "current-context": .text, "extensions": extensions,
        "preferences": .object(["colors": .flag, "extensions": extensions]),
        "clusters": .list(.object(["name": .text, "cluster": cluster])),
        "users": .list(.object(["name": .text, "user": user])),
        "contexts": .list(.object(["name": .text, "context": context])),
    ])

    private static let extensions = list(.object(["name": .text, "extension": .anything]))

    private static let cluster = object([
        "server": .text, "tls-server-name": .text, "insecure-skip-tls-verify": .flag, "certificate-authority": .text,
        "certificate-authority-data": .bytes, "proxy-url": .text, "disable-compression": .flag,
        "extensions": extensions,
    ])

    private static let user = object([
        "client-certificate": .text, "client-certificate-data": .bytes, "client-key": .text, "client-key-data": .bytes,
        "token": .text, "tokenFile": .text, "as": .text, "as-uid": .text, "as-groups": .list(.text),
        "as-user-extra": .map(.list(.text)), "username": .text, "password": .text,
        "auth-provider": .object(["name": .text, "config": .map(.text)]), "exec": exec, "extensions": extensions,
    ])

    private static let exec = object([
        "command": .text, "args": .list(.text), "env": .list(.object(["name": .text, "value": .text])),
        "apiVersion": .text, "installHint": .text, "provideClusterInfo": .flag, "interactiveMode": .text,
    ])

    private static let context = object([
        "cluster": .text, "user": .text, "namespace": .text, "extensions": extensions,
    ])
}

extension KubeconfigShape {
    /// What is wrong in `node` and below it.
    ///
    /// - Parameter path: of `node`, as `users[0].user`; empty for the whole.
    func problems(in node: YAMLNode, at path: String = "") -> [(node: YAMLNode, message: String)] {
        if node.goScalar == .null { return [] }
        switch self {
        case .anything: return []
        case .text:
            if case .text = node.goScalar { return [] }
            return [(node, "\(path): a text is expected, not \(node.goWords)")]
        case .flag:
            if case .flag = node.goScalar { return [] }
            return [(node, "\(path): true or false is expected, not \(node.goWords)")]
        case .bytes: return Self.bytes(node, path)
        case .list(let element):
            guard let elements = node.sequence else {
                return [(node, "\(path): a list is expected, not \(node.goWords)")]
            }
            return elements.enumerated().flatMap { element.problems(in: $1, at: "\(path)[\($0)]") }
        case .map(let value):
            guard let pairs = node.mapping else {
                return [(node, "\(path): a mapping is expected, not \(node.goWords)")]
            }
            return pairs.flatMap { value.problems(in: $0.value, at: Self.joined(path, $0.key)) }
        case .object(let members):
            guard let pairs = node.mapping else {
                let what = path.isEmpty ? "a kubeconfig is a mapping" : "\(path): a mapping is expected"
                return [(node, "\(what), not \(node.goWords)")]
            }
            return pairs.flatMap { pair in
                members[pair.key.scalar ?? ""]?.problems(in: pair.value, at: Self.joined(path, pair.key)) ?? []
            }
        }
    }

    private static func joined(_ path: String, _ key: YAMLNode) -> String {
        path.isEmpty ? key.scalar ?? "" : "\(path).\(key.scalar ?? "")"
    }

    private static func bytes(_ node: YAMLNode, _ path: String) -> [(node: YAMLNode, message: String)] {
        guard case .text(let text) = node.goScalar else {
            return [(node, "\(path): base64 is expected, not \(node.goWords)")]
        }
        do throws(GoBase64.Illegal) {
            _ = try GoBase64.decode(text)
            return []
        } catch {
            let rest = Array(text.utf8).dropFirst(error.offset)
            let what =
                rest.isEmpty
                ? "it ends too early"
                : "\"\(String(decoding: rest.prefix(1), as: UTF8.self))\" cannot be its character \(error.offset + 1)"
            return [(node, "\(path): not base64: \(what)")]
        }
    }
}

extension YAMLNode {
    /// `nil` for a sequence or a mapping.
    var goScalar: GoScalar? {
        if case .scalar(let scalar) = kind { GoScalar(scalar) } else { nil }
    }

    /// What this is, for messages.
    fileprivate var goWords: String {
        switch goScalar {
        case .null: "nothing"
        case .flag: "true or false, as \(scalar ?? "") is without quotes"
        case .number: "a number, as \(scalar ?? "") is without quotes"
        case .text: "a text"
        case nil: kindName == "sequence" ? "a list" : "a mapping"
        }
    }

    /// The text of a member, where there is one that is not empty.
    func text(_ key: String) -> String? {
        guard let value = self[key]?.goScalar, case .text(let text) = value, !text.isEmpty else { return nil }
        return text
    }

    func flag(_ key: String) -> Bool { self[key]?.goScalar == .flag(true) }

    /// The decoded bytes of a member, where there are any.
    func bytes(_ key: String) -> [UInt8]? {
        guard let text = text(key), let bytes = try? GoBase64.decode(text), !bytes.isEmpty else { return nil }
        return bytes
    }

    /// The texts of a list; `null` in it is an empty one.
    func texts(_ key: String) -> [String] {
        (self[key]?.sequence ?? []).map { element in
            if case .text(let text) = element.goScalar { text } else { "" }
        }
    }
}
