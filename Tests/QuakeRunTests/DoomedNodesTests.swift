import Testing

@testable import QuakeRun

@Suite("Nodes that steps are about to take down")
struct DoomedNodesTests {
    @Test("are known to the parallel steps, until theirs has ended")
    func known() {
        let doomed = DoomedNodes()
        #expect(doomed.add(["a"], of: "west", by: "first") == ["a"])
        #expect(doomed.add(["b"], of: "west", by: "second") == ["a", "b"])
        #expect(doomed.add(["c"], of: "east", by: "second") == ["c"])
        #expect(doomed.add([], of: "west", by: "third") == ["a", "b"])
        doomed.end("first")
        #expect(doomed.add([], of: "west", by: "third") == ["b"])
        doomed.end("second")
        #expect(doomed.add([], of: "west", by: "third").isEmpty)
    }
}
