import QuakeKube
import QuakeTestSupport
import Synchronization
import Testing

/// An API server of one collection that breaks its watches in every way.
final class WatchScript: Sendable {
    enum Step: Sendable {
        /// Answers a list.
        case list([(name: String, version: Int)], at: Int)
        /// Answers a watch with these lines, and then ends it so.
        case watch([String], end: End)
        case refuse(Int)
    }

    enum End: Sendable { case close, reset, midObject, hold }

    let asked = Mutex<[String]>([])
    private let steps: Mutex<[Step]>

    init(_ steps: [Step]) { self.steps = Mutex(steps) }

    static func node(_ name: String, _ version: Int) -> String {
        "{\"metadata\":{\"name\":\"\(name)\",\"uid\":\"u-\(name)\",\"resourceVersion\":\"\(version)\"}}"
    }

    static func event(_ type: String, _ name: String, _ version: Int) -> String {
        "{\"type\":\"\(type)\",\"object\":\(node(name, version))}"
    }

    func serve(_ connection: ScriptedServer.Connection) {
        while let head = connection.head() {
            asked.withLock { $0.append(String(head.prefix { $0 != "\r" })) }
            guard let step = steps.withLock({ $0.isEmpty ? nil : $0.removeFirst() }) else {
                connection.pause(milliseconds: 4000)
                return
            }
            switch step {
            case .list(let objects, let version):
                let items = objects.map { Self.node($0.name, $0.version) }.joined(separator: ",")
                connection.answer(
                    body: "{\"metadata\":{\"resourceVersion\":\"\(version)\"},\"items\":[\(items)]}")
            case .refuse(let status): connection.answer(status, body: "{\"kind\":\"Status\",\"code\":\(status)}")
            case .watch(let lines, let end):
                connection.send("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n\r\n")
                for line in lines { connection.send(line + "\n") }
                switch end {
                case .close: return
                case .reset:
                    connection.pause(milliseconds: 50)
                    connection.reset()
                    return
                case .midObject:
                    connection.send("{\"type\":\"ADDED\",\"object\":{\"metadata\":{\"na")
                    return
                case .hold:
                    connection.pause(milliseconds: 4000)
                    return
                }
            }
        }
    }
}

@Suite("Watches")
struct WatchTests {
    /// Runs a script until `count` events that are no interruptions came, and returns them in words.
    private func told(_ script: WatchScript, count: Int) async throws -> [String] {
        let server = ScriptedServer(script.serve)
        defer { server.stop() }
        let client = KubeClient(
            .init(name: "test", cluster: .init(name: "test", server: "http://127.0.0.1:\(server.port)")))
        return try await withThrowingTaskGroup(of: [String]?.self) { group in
            group.addTask {
                var words: [String] = []
                for await event in client.watch(.nodes) {
                    switch event {
                    case .added(let object): words.append("+\(object.name)@\(object.resourceVersion)")
                    case .modified(let object): words.append("~\(object.name)@\(object.resourceVersion)")
                    case .deleted(let object): words.append("-\(object.name)")
                    case .synced: words.append("synced")
                    case .interrupted: continue
                    }
                    if words.count == count { break }
                }
                return words
            }
            group.addTask {
                try await Task.sleep(for: .seconds(15))
                return nil
            }
            let first = try await group.next() ?? nil
            group.cancelAll()
            return try #require(first, "\(count) events did not come within 15 s")
        }
    }

    @Test(
        "list, then follow, and continue where a connection broke",
        arguments: [
            WatchScript.End.close, .reset, .midObject,
        ])
    func resumes(end: WatchScript.End) async throws {
        let script = WatchScript([
            .list([("a", 1), ("b", 2)], at: 5),
            .watch([WatchScript.event("MODIFIED", "a", 6), WatchScript.event("ADDED", "c", 7)], end: end),
            .watch([WatchScript.event("DELETED", "b", 8), WatchScript.event("MODIFIED", "c", 9)], end: .hold),
        ])
        #expect(
            try await told(script, count: 7) == ["+a@1", "+b@2", "synced", "~a@6", "+c@7", "-b", "~c@9"])
        let asked = script.asked.withLock { $0 }
        #expect(asked[1].contains("resourceVersion=5&") && asked[1].contains("allowWatchBookmarks=true"))
        #expect(asked[2].contains("resourceVersion=7&"))
    }

    @Test(
        "tell only the difference after a 410, whether it comes as an event or as the answer", arguments: [true, false])
    func forgotten(asEvent: Bool) async throws {
        let gone = "{\"type\":\"ERROR\",\"object\":{\"kind\":\"Status\",\"code\":410,\"reason\":\"Expired\"}}"
        let script = WatchScript([
            .list([("a", 1), ("b", 2), ("c", 3)], at: 5),
            asEvent ? .watch([gone], end: .close) : .refuse(410),
            .list([("a", 1), ("b", 20), ("d", 21)], at: 30),
            .watch([WatchScript.event("ADDED", "e", 31)], end: .hold),
        ])
        #expect(
            try await told(script, count: 9)
                == ["+a@1", "+b@2", "+c@3", "synced", "~b@20", "+d@21", "-c", "synced", "+e@31"])
        #expect(script.asked.withLock { $0[3] }.contains("resourceVersion=30&"))
    }

    @Test("move on with bookmarks, which they do not tell")
    func bookmarks() async throws {
        let script = WatchScript([
            .list([("a", 1)], at: 5),
            .watch(["{\"type\":\"BOOKMARK\",\"object\":{\"metadata\":{\"resourceVersion\":\"900\"}}}"], end: .close),
            .watch([WatchScript.event("MODIFIED", "a", 901)], end: .hold),
        ])
        #expect(try await told(script, count: 3) == ["+a@1", "synced", "~a@901"])
        #expect(script.asked.withLock { $0[2] }.contains("resourceVersion=900&"))
    }

    @Test("outlive a server that fails for a while, and one that is gone for a while")
    func failures() async throws {
        let script = WatchScript([
            .refuse(500), .list([("a", 1)], at: 5), .refuse(503),
            .watch([WatchScript.event("MODIFIED", "a", 6)], end: .hold),
        ])
        #expect(try await told(script, count: 3) == ["+a@1", "synced", "~a@6"])
    }

    @Test("end when they have no reader")
    func ends() async throws {
        let script = WatchScript([.list([], at: 1), .watch([], end: .hold)])
        #expect(try await told(script, count: 1) == ["synced"])
    }
}
