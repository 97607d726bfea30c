import QuakeKube
import QuakeSim

extension ClusterCore {
    /// A container's environment as its pod's manifest has it: values, fields of the pod, keys of Secrets.
    func environment(of pod: JSONValue) -> [String: String] {
        let container = pod.at("spec", "containers", 0) ?? .null
        var result: [String: String] = [:]
        for variable in container["env"]?.arrayValue ?? [] {
            guard let name = variable["name"]?.stringValue else { continue }
            if let value = variable["value"]?.stringValue {
                result[name] = value
            } else if let field = variable[path: "valueFrom.fieldRef.fieldPath"]?.stringValue {
                result[name] = pod[path: field]?.stringValue ?? ""
            } else if let reference = variable[path: "valueFrom.secretKeyRef"] {
                result[name] = secret(reference, in: pod.namespace)
            }
        }
        return result
    }

    private func secret(_ reference: JSONValue, in namespace: String) -> String {
        guard let kind = ResourceKind.find(group: "", version: "v1", resource: "secrets"),
            let object = store[kind, ObjectKey(namespace, reference["name"]?.stringValue ?? "")],
            let encoded = object["data"]?[reference["key"]?.stringValue ?? ""]?.stringValue,
            let bytes = try? GoBase64.decode(encoded)
        else { return "" }
        return String(decoding: bytes, as: UTF8.self)
    }
}
