import Foundation
import QuakeKube
import QuakeTestSupport
import Testing

@Suite("Kubeconfigs")
struct KubeconfigTests {
    private let folder: TemporaryDirectory

    init() throws { folder = try TemporaryDirectory() }

    private static let one = """
        apiVersion: v1
        kind: Config
        current-context: kind-east
        clusters:
          - name: east
            cluster:
              server: https://127.0.0.1:6443/
              certificate-authority-data: Q0E=
          - name: west
            cluster: {server: "https://10.0.0.1:6443", certificate-authority: pki/ca.crt, tls-server-name: api}
        contexts:
          - name: kind-east
            context: {cluster: east, user: admin, namespace: demo}
          - name: west
            context: {cluster: west, user: robot}
        users:
          - name: admin
            user: {client-certificate-data: Q0VSVA==, client-key-data: S0VZ}
          - name: robot
            user: {tokenFile: token}
        """

    @Test("hold inline data and files, relative to where they are named")
    func material() throws {
        let file = try folder.file("config", Self.one)
        let config = try Kubeconfig.load(path: file, environment: [:])
        let east = try config.context()
        #expect(east.name == "kind-east" && east.namespace == "demo")
        #expect(east.cluster.server == "https://127.0.0.1:6443")
        #expect(east.cluster.certificateAuthority == .inline(Array("CA".utf8)))
        #expect(east.user.certificate == .inline(Array("CERT".utf8)))
        #expect(east.user.key == .inline(Array("KEY".utf8)))
        let west = try config.context("west")
        #expect(west.cluster.certificateAuthority == .file(folder.path + "/pki/ca.crt"))
        #expect(west.cluster.tlsServerName == "api")
        #expect(west.user.tokenFile == folder.path + "/token")
    }

    @Test("are merged: the first file that names a thing wins")
    func merged() throws {
        let first = try folder.file("a", Self.one)
        let second = try folder.file(
            "b",
            """
            current-context: other
            clusters:
              - {name: east, cluster: {server: "https://192.0.2.1"}}
              - {name: north, cluster: {server: "https://192.0.2.2"}}
            contexts:
              - {name: other, context: {cluster: north, user: admin}}
            """)
        let config = try Kubeconfig.load(
            path: nil, environment: ["KUBECONFIG": "\(first):\(folder.path)/absent:\(second)"])
        #expect(config.contexts.map(\.name) == ["kind-east", "west", "other"])
        #expect(config.currentContext == "kind-east")
        #expect(try config.context("kind-east").cluster.server == "https://127.0.0.1:6443")
        #expect(try config.context("other").user.certificate == .inline(Array("CERT".utf8)))
        #expect(config.paths == [first, second])
    }

    static let broken: [(text: String, says: String)] = [
        ("[1, 2]", ":1:1: a kubeconfig is a mapping"),
        ("clusters: {a: b}", ":1:11: clusters: a list is expected"),
        ("contexts:\n  - {name: x, context: {cluster: gone}}", ":2:24: cluster \"gone\" is not in the kubeconfig"),
        (
            "clusters:\n  - name: c\n    cluster: {server: ftp://x}\ncontexts:\n  - {name: x, context: {cluster: c}}",
            ":3:23: server: an http or https URL is expected"
        ),
        (
            """
            clusters: [{name: c, cluster: {server: "https://x", certificate-authority-data: "%%%"}}]
            contexts: [{name: x, context: {cluster: c}}]
            """, "certificate-authority-data: not base64"
        ),
        ("a: [", "config:"),
    ]

    @Test("that are broken say where", arguments: broken)
    func problems(text: String, says: String) throws {
        let file = try folder.file("config", text)
        let problem = #expect(throws: KubeError.self) { try Kubeconfig.load(path: file, environment: [:]) }
        #expect(problem?.code == .config)
        #expect("\(problem.map { "\($0)" } ?? "")".contains(says))
    }

    @Test("that are absent, and contexts that are not there, are named")
    func absent() throws {
        #expect(throws: KubeError.self) { try Kubeconfig.load(path: "/absent", environment: [:]) }
        let config = try Kubeconfig.load(path: try folder.file("config", Self.one), environment: [:])
        let problem = #expect(throws: KubeError.self) { try config.context("wset") }
        #expect(problem.map { "\($0)" }?.contains("kind-east, west") == true)
    }
}
