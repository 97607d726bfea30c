import QuakeKube
import Testing

@testable import QuakeEmbedded

@Suite("A list as an answer")
struct APIListTests {
    private func list(_ count: Int, length: Int = 10) -> APIList {
        let objects = (0..<count).map {
            JSONValue.object(["n": .int(Int64($0)), "t": .string(String(repeating: "x", count: length))])
        }
        let head: JSONValue = ["kind": "PodList", "metadata": ["resourceVersion": "7"]]
        return APIList(head: head, key: "items", objects: objects) { $0.map { ["of": $0] } }
    }

    @Test("is the same in pieces as it is whole", arguments: [0, 1, 24, 25, 26, 1000])
    func same(count: Int) throws {
        let list = list(count)
        let text = list.pieces.reduce(into: [UInt8]()) { $0 += $1 }
        #expect(try JSONValue(parsing: text) == list.value)
        #expect(list.value["items"]?.arrayValue?.count == count)
    }

    @Test("takes one piece where it is short, and pieces of 64 KiB where it is long")
    func pieces() {
        #expect(list(100).pieces.map(\.count).count == 1)
        let long = list(1000, length: 1000).pieces.map(\.count)
        #expect(long.count == 16)
        #expect(long.dropLast().allSatisfy { (65_536..<67_000).contains($0) })
    }
}
