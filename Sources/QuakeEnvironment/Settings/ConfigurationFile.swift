import FoundationEssentials
import QuakePlan
import QuakeShell
import QuakeTimeline
import QuakeYAML

/// `peerquake.yaml`: defaults of options, for all who work in its folder.
package enum ConfigurationFile {
    /// In the working folder.
    package static let name = "peerquake.yaml"

    /// What the file of a folder says; `nil` where there is none.
    ///
    /// - Throws: ``Failure``, of usage, with every problem as `peerquake.yaml:line:column: message`.
    package static func load(folder: String) throws -> Settings.Layer? {
        let path = folder == "." ? name : "\(folder)/\(name)"
        guard FileManager.default.fileExists(atPath: path) else { return nil }
        guard let bytes = FileManager.default.contents(atPath: path) else {
            throw Failure(.usage, "\(path): it cannot be read as a file")
        }
        return try read(String(decoding: bytes, as: UTF8.self), path: path)
    }

    /// - Parameter path: names the text in messages and origins; nothing is read from it.
    /// - Throws: as ``load(folder:)`` does.
    package static func read(_ text: String, path: String = name) throws -> Settings.Layer {
        let root: YAMLNode?
        do throws(YAMLError) {
            root = try YAML.parseFirst(text, file: path)
        } catch {
            throw Failure(.usage, "\(error)")
        }
        guard let root, !root.isNull else { return [:] }
        var reader = ConfigurationReader(path: path)
        let layer = reader.layer(of: root)
        guard reader.problems.isEmpty else { throw Failure(.usage, reader.problems.joined(separator: "\n")) }
        return layer
    }
}

/// Reads a file's tree, and gathers what is wrong with it.
private struct ConfigurationReader {
    var path: String
    var problems: [String] = []

    private mutating func report(_ message: String, at node: YAMLNode) {
        problems.append("\(path):\(node.line):\(node.column): \(message)")
    }

    mutating func layer(of root: YAMLNode) -> Settings.Layer {
        guard let pairs = root.mapping else {
            report("a mapping of options is expected, and this is a \(root.kindName)", at: root)
            return [:]
        }
        var layer = Settings.Layer()
        for pair in pairs {
            let key = pair.key.scalar ?? ""
            guard let setting = Setting(rawValue: key) else {
                report("unknown key \"\(key)\"" + Self.hint(for: key), at: pair.key)
                continue
            }
            let seen = problems.count
            let texts = texts(of: pair.value, setting)
            guard problems.count == seen, !texts.isEmpty else { continue }
            let place = SettingOrigin.file(path, line: pair.value.line, column: pair.value.column)
            layer[setting] = SettingValue(texts, place)
        }
        return layer
    }

    /// The nearest key; `env` and `context` are near to what they begin.
    private static func hint(for key: String) -> String {
        let allowed = Setting.allCases.map(\.rawValue)
        let list = Suggestion.hint(for: key, among: allowed)
        guard Suggestion.nearest(to: key, among: allowed) == nil, key.count > 2,
            let begun = allowed.first(where: { $0.hasPrefix(key.lowercased()) })
        else { return list }
        return "; did you mean \"\(begun)\"?" + list
    }

    private mutating func texts(of node: YAMLNode, _ setting: Setting) -> [String] {
        switch setting.shape {
        case .word, .text: return text(of: node, setting).map { [$0] } ?? []
        case .list:
            return (node.sequence ?? [node]).compactMap { text(of: $0, setting) }
        case .map:
            guard let pairs = node.mapping else {
                report("\(setting.rawValue): a mapping of names to contexts is expected", at: node)
                return []
            }
            return pairs.compactMap { pair in
                guard let name = pair.key.scalar, let value = pair.value.scalar, !pair.value.isNull else {
                    report("\(setting.rawValue): a context's name is expected", at: pair.value)
                    return nil
                }
                return checked("\(name)=\(value)", setting, at: pair.value)
            }
        }
    }

    private mutating func text(of node: YAMLNode, _ setting: Setting) -> String? {
        guard let text = node.scalar, !node.isNull else {
            let seen = node.isNull ? "nothing" : "a \(node.kindName)"
            report("\(setting.rawValue): a text is expected, and this is \(seen)", at: node)
            return nil
        }
        return checked(text, setting, at: node)
    }

    private mutating func checked(_ text: String, _ setting: Setting, at node: YAMLNode) -> String? {
        guard let problem = setting.problem(with: text) else { return text }
        report("\(setting.rawValue): \(problem)", at: node)
        return nil
    }
}
