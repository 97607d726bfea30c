import QuakeKube
import Testing

@testable import QuakeEmbedded

@Suite("Ages of nodes")
struct NodeAgeTests {
    private static func shape(_ labels: String) throws -> ClusterShape {
        try ClusterShape.parse(
            """
            kind: Cluster
            apiVersion: kind.x-k8s.io/v1alpha4
            name: test
            nodes:
              - role: control-plane
              - {role: worker, labels: {karpenter.sh/nodepool: a\(labels)}}
              - {role: worker, labels: {karpenter.sh/nodepool: a}}
            """, file: "ages.yaml")
    }

    @Test("are those of the configuration's labels, and so are their NodePool and NodeClaim")
    func aged() async throws {
        let api = await InProcessAPI(
            try Self.shape(", peerquake.dev/node-age: 700h, peerquake.dev/expire-after: 800h"))
        let claims = await api.list("/apis/karpenter.sh/v1/nodeclaims")
        #expect(claims.map(\.name) == ["a-test-worker"])
        let claim = try #require(claims.first)
        #expect(claim[path: "spec.expireAfter"] == "800h" && claim[path: "status.nodeName"] == "test-worker")
        #expect(claim.labels == ["karpenter.sh/nodepool": "a"])
        let pools = await api.list("/apis/karpenter.sh/v1/nodepools")
        #expect(pools.map(\.name) == ["a"] && pools[0][path: "spec.template.spec.expireAfter"] == "800h")
        func born(_ object: JSONValue) throws -> Int64 {
            let text = try #require(object.metadata["creationTimestamp"]?.stringValue)
            return try #require(Timestamp.seconds(text))
        }
        let old = await api.get("/api/v1/nodes/test-worker")
        let young = await api.get("/api/v1/nodes/test-worker2")
        #expect(try born(old) == born(claim))
        #expect(try born(young) - born(old) == 700 * 3600)
        await api.stop()
    }

    @Test("are not known where no label says them, and Karpenter's objects are not there then")
    func unlabelled() async throws {
        let api = await InProcessAPI(try Self.shape(""))
        #expect(await api.list("/apis/karpenter.sh/v1/nodeclaims").isEmpty)
        #expect(await api.list("/apis/karpenter.sh/v1/nodepools").isEmpty)
        await api.stop()
    }

    @Test("that are not durations are refused with their node's place", arguments: ["node-age", "expire-after"])
    func refused(label: String) {
        let error = #expect(throws: EmbeddedError.self) { try Self.shape(", peerquake.dev/\(label): 0h") }
        #expect(error?.message.contains("ages.yaml:6:") == true, "\(error?.message ?? "")")
        #expect(error?.message.contains("peerquake.dev/\(label): \"0h\" is not a duration") == true)
    }
}
