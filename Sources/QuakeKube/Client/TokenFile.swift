import FoundationEssentials
import Synchronization

/// Files with tokens, which a kubelet or a sidecar replaces while a run goes on. Each is read for each request; where that
/// fails, its last good content counts, as for client-go (`transport/token_source.go`, which keeps it for up to a minute).
enum TokenFile {
    private static let last = Mutex<[String: String]>([:])

    /// - Throws: `.config` where it has never been read.
    static func token(_ path: String) throws(KubeError) -> String {
        do throws(KubeError) {
            let token = try text(path)
            guard !token.isEmpty else { throw KubeError(.config, "it has no token", context: path) }
            guard HeaderField.isValue(token) else {
                throw KubeError(.config, "a header cannot have what is in it", context: path)
            }
            last.withLock { $0[path] = token }
            return token
        } catch {
            guard let kept = last.withLock({ $0[path] }) else { throw error }
            return kept
        }
    }

    /// The content without white space around it.
    static func text(_ path: String) throws(KubeError) -> String {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw KubeError(.config, "cannot be read", context: path)
        }
        return String(decoding: data, as: UTF8.self).trimmed
    }
}
