import QuakePlan
import QuakeYAML

/// Reads the patches of a configuration, which are texts inside it.
struct PatchReader {
    let lines: [Substring]
    let findings: Findings

    /// The documents of an element of `kubeadmConfigPatches`; empty ones change nothing.
    func merges(_ element: YAMLNode) -> [MergePatch] {
        documents(element).compactMap { document in
            guard document.mapping != nil else {
                findings.refuse(.kind, document.place, "a patch is a mapping, and there is a \(document.kindName)")
                return nil
            }
            let target = PatchTarget(
                kind: document["kind"]?.scalar ?? "", apiVersion: document["apiVersion"]?.scalar ?? "")
            return MergePatch(target: target, body: document, place: document.place)
        }
    }

    /// An element of `kubeadmConfigPatchesJSON6902`.
    func operations(_ element: YAMLNode) -> JSONPatch? {
        let known = ["group", "version", "kind", "patch"]
        guard let fields = Fields(element, "a JSON6902 patch", known, findings) else { return nil }
        let (group, version) = (fields.text("group")?.value ?? "", fields.text("version")?.value ?? "")
        let target = PatchTarget(
            kind: fields.text("kind")?.value ?? "", apiVersion: group.isEmpty ? version : "\(group)/\(version)")
        guard fields.text("patch") != nil, let text = fields.pair("patch")?.value else { return nil }
        let documents = documents(text)
        guard let list = documents.first else { return nil }
        guard let elements = list.sequence else {
            findings.refuse(
                .kind, list.place, "a JSON6902 patch is a list of operations, and there is a \(list.kindName)")
            return nil
        }
        return JSONPatch(target: target, operations: elements.compactMap(operation), place: element.place)
    }

    private func operation(_ node: YAMLNode) -> JSONPatchOperation? {
        guard node.mapping != nil else {
            findings.refuse(.kind, node.place, "an operation is a mapping, and there is a \(node.kindName)")
            return nil
        }
        let word = node["op"]?.scalar ?? ""
        guard let verb = JSONPatchOperation.Verb(rawValue: word) else {
            let allowed = JSONPatchOperation.Verb.allCases.map(\.rawValue)
            let seen = word.isEmpty ? "an operation without op" : "op \"\(word)\""
            findings.refuse(
                .kind, node["op"]?.place ?? node.place, "\(seen)\(Suggestion.hint(for: word, among: allowed))")
            return nil
        }
        return JSONPatchOperation(
            verb: verb, path: node["path"]?.scalar, from: node["from"]?.scalar,
            value: node["value"] ?? YAMLNode(.scalar(YAMLScalar("null")), line: node.line, column: node.column),
            place: node.place, pathPlace: node["path"]?.place ?? node.place)
    }

    private func documents(_ element: YAMLNode) -> [YAMLNode] {
        let text = TextInScalar(element, lines: lines)
        do throws(YAMLError) {
            return try YAML.parseAll(element.scalar ?? "", file: findings.file).map(text.placed)
        } catch {
            let place = text.place(KindPlace(error.line, error.column))
            let isFound = place != element.place
            findings.refuse(
                .kind, place,
                "a patch that is not a YAML: \(error.message)\(isFound ? "" : ", in line \(error.line) of the patch")")
            return []
        }
    }
}
