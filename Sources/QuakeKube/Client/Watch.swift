import QuakeCurl
import Synchronization

/// What a watch tells, in the order in which it happened.
package enum WatchEvent: Sendable, Equatable {
    /// The object was not there before, as far as this watch knew.
    case added(JSONValue)
    /// The object as it is now.
    case modified(JSONValue)
    /// The object as it was last seen, or as the server showed it going.
    case deleted(JSONValue)
    /// All that was there is told: after the initial list, and after each later one.
    case synced
    /// The watch is broken and tries again by itself; what happens meanwhile is told later. For messages only.
    case interrupted(KubeError)
}

extension KubeClient {
    /// List, then watch, for as long as the stream is read; it ends when its task is cancelled or the stream is dropped.
    ///
    /// Nothing is lost and nothing is told twice: a broken connection resumes from the last resourceVersion, and a
    /// resourceVersion that the server no longer knows is cured by a new list, of which only the difference is told.
    /// Changes between two such lists that cancel out are not seen. Retries back off from 50 ms to 2 s.
    package func watch(
        _ path: ResourcePath, labels: String? = nil, fields: String? = nil
    ) -> AsyncStream<WatchEvent> {
        let (stream, output) = AsyncStream<WatchEvent>.makeStream()
        let watcher = Watcher(kube: self, path: path, labels: labels, fields: fields, output: output)
        let task = Task { await watcher.run() }
        output.onTermination = { _ in task.cancel() }
        return stream
    }
}

/// One watch over all its connections.
private actor Watcher {
    /// Seconds that one connection lasts. A server that is gone without a word, as the one of three control planes that
    /// a load balancer had chosen, is noticed at the latest when this and `patience` have run out: no ping of HTTP/2's
    /// asks after it.
    private static let length = 15
    private static let patience = 5

    private let kube: KubeClient
    private let path: ResourcePath
    private let labels: String?
    private let fields: String?
    private let output: AsyncStream<WatchEvent>.Continuation
    private var known: [String: JSONValue] = [:]
    /// Where to go on; `nil` asks for a list.
    private var version: String?
    private var pause = Duration.milliseconds(50)

    init(
        kube: KubeClient, path: ResourcePath, labels: String?, fields: String?,
        output: AsyncStream<WatchEvent>.Continuation
    ) {
        self.kube = kube
        self.path = path
        self.labels = labels
        self.fields = fields
        self.output = output
    }

    func run() async {
        while !Task.isCancelled {
            do throws(KubeError) {
                if version == nil { try await list() }
                try await follow()
                pause = .milliseconds(50)
            } catch {
                guard error.code != .cancelled, !Task.isCancelled else { break }
                if error.code == .gone {
                    version = nil
                } else {
                    output.yield(.interrupted(error))
                    try? await Task.sleep(for: pause)
                    pause = min(pause * 2, .seconds(2))
                }
            }
        }
        output.finish()
    }

    private func list() async throws(KubeError) {
        let list = try await kube.list(path, labels: labels, fields: fields)
        var gone = known
        for object in list.items {
            gone[key(object)] = nil
            tell(object)
        }
        for object in gone.sorted(by: { $0.key < $1.key }).map(\.value) { forget(object) }
        version = list.resourceVersion
        output.yield(.synced)
    }

    private func key(_ object: JSONValue) -> String { "\(object.namespace)/\(object.name)" }

    private func tell(_ object: JSONValue) {
        let before = known.updateValue(object, forKey: key(object))
        guard let before else {
            output.yield(.added(object))
            return
        }
        if before.uid != object.uid {
            output.yield(.deleted(before))
            output.yield(.added(object))
        } else if before.resourceVersion != object.resourceVersion || before != object {
            output.yield(.modified(object))
        }
    }

    private func forget(_ object: JSONValue) {
        if known.removeValue(forKey: key(object)) != nil { output.yield(.deleted(object)) }
    }

    /// One connection, until it ends.
    private func follow() async throws(KubeError) {
        var query = [
            ("watch", "true"), ("resourceVersion", version ?? "0"), ("allowWatchBookmarks", "true"),
            ("timeoutSeconds", String(Self.length)),
        ]
        if let labels { query.append(("labelSelector", labels)) }
        if let fields { query.append(("fieldSelector", fields)) }
        let (request, credentials) = try await kube.prepared(
            "GET", path.collection.path, query: query, body: nil, contentType: "", accept: "application/json",
            timeout: .seconds(Self.length + Self.patience))
        let what = kube.describe("watch", "\(path)")
        let (lines, input) = AsyncStream<[UInt8]>.makeStream()
        let splitter = Mutex(ObjectSplitter())
        let refused = Mutex<HTTPAnswer?>(nil)
        let transfer = Task { () -> KubeError? in
            defer { input.finish() }
            do throws(HTTPFailure) {
                try await HTTPClient.shared.stream(request) { head in
                    refused.withLock { $0 = head.status >= 400 ? head : nil }
                    return true
                } onBody: { bytes in
                    for object in splitter.withLock({ $0.add(bytes) }) { input.yield(object) }
                }
                return nil
            } catch {
                return KubeClient.describe(error, what)
            }
        }
        var problem: KubeError?
        await withTaskCancellationHandler {
            for await line in lines where problem == nil {
                if let head = refused.withLock({ $0 }) {
                    problem = KubeClient.describe(
                        HTTPAnswer(status: head.status, headers: head.headers, body: line), what)
                } else {
                    problem = take(line, what)
                }
                if problem != nil { transfer.cancel() }
            }
        } onCancel: {
            transfer.cancel()
        }
        let ended = await transfer.value
        if Task.isCancelled { throw KubeError(.cancelled, "cancelled", context: what) }
        if problem == nil, let head = refused.withLock({ $0 }) { problem = KubeClient.describe(head, what) }
        // The next connection shows what the account has by then.
        if let problem, problem.code == .unauthorized { _ = try await kube.renew(credentials, after: problem) }
        if let problem { throw problem }
        if let ended { throw ended }
    }

    /// Takes one event in.
    private func take(_ line: [UInt8], _ what: String) -> KubeError? {
        guard let event = try? JSONValue(parsing: line), let type = event["type"]?.stringValue else {
            return KubeError(
                .decoding, "not a watch event: \(String(decoding: line.prefix(200), as: UTF8.self))", context: what)
        }
        let object = event["object"] ?? .null
        switch type {
        case "ADDED", "MODIFIED": tell(object)
        case "DELETED": forget(object)
        case "BOOKMARK": break
        default:
            let code = object["code"]?.intValue ?? 500
            return KubeClient.describe(HTTPAnswer(status: code, headers: [:], body: object.serialized()), what)
        }
        pause = .milliseconds(50)
        if !object.resourceVersion.isEmpty { version = object.resourceVersion }
        return nil
    }
}

/// Cuts a stream of JSON objects at their ends, whether newlines stand between them or nothing.
struct ObjectSplitter: Sendable {
    private var bytes: [UInt8] = []
    private var depth = 0
    private var isInString = false
    private var isEscaped = false

    mutating func add(_ new: [UInt8]) -> [[UInt8]] {
        var objects: [[UInt8]] = []
        for byte in new {
            if depth == 0, byte != UInt8(ascii: "{") { continue }
            bytes.append(byte)
            if isInString {
                if isEscaped {
                    isEscaped = false
                } else if byte == UInt8(ascii: "\\") {
                    isEscaped = true
                } else if byte == UInt8(ascii: "\"") {
                    isInString = false
                }
                continue
            }
            switch byte {
            case UInt8(ascii: "\""): isInString = true
            case UInt8(ascii: "{"): depth += 1
            case UInt8(ascii: "}"):
                depth -= 1
                if depth == 0 {
                    objects.append(bytes)
                    bytes.removeAll(keepingCapacity: true)
                }
            default: break
            }
        }
        return objects
    }
}
