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

    /// As paths are resolved.
    private var place: String { folder.path.replacing("//", with: "/") }

    /// The files that it names.
    private func materials() throws {
        try FileManager.default.createDirectory(atPath: folder.path + "/pki", withIntermediateDirectories: true)
        try folder.file("pki/ca.crt", "CA")
        try folder.file("token", "t")
    }

    @Test("hold inline data and files, relative to where they are named")
    func material() throws {
        try materials()
        let file = try folder.file("config", Self.one)
        let config = try Kubeconfig.load(path: file, environment: [:])
        let east = try config.context()
        #expect(east.name == "kind-east" && east.namespace == "demo")
        #expect(east.cluster.server == "https://127.0.0.1:6443")
        #expect(east.cluster.certificateAuthority == .inline(Array("CA".utf8)))
        #expect(east.user.certificate == .inline(Array("CERT".utf8)))
        #expect(east.user.key == .inline(Array("KEY".utf8)))
        let west = try config.context("west")
        #expect(west.cluster.certificateAuthority == .file(place + "/pki/ca.crt"))
        #expect(west.cluster.tlsServerName == "api")
        #expect(west.user.tokenFile == place + "/token")
    }

    @Test("are merged: the first file that names a thing wins")
    func merged() throws {
        try materials()
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
        ("[1, 2]", ":1:1: a kubeconfig is a mapping, not a list"),
        ("clusters: {a: b}", ":1:11: clusters: a list is expected, not a mapping"),
        ("clusters: [{name: c, cluster: x}]", ":1:31: clusters[0].cluster: a mapping is expected, not a text"),
        ("users: [{name: u, user: {token: 12}}]", ":1:33: users[0].user.token: a text is expected, not a number"),
        (
            "clusters:\n- name: c\n  cluster: {insecure-skip-tls-verify: \"true\"}",
            ":3:39: clusters[0].cluster.insecure-skip-tls-verify: true or false is expected, not a text"
        ),
        ("users: [{name: u, user: {as-groups: dev}}]", "users[0].user.as-groups: a list is expected, not a text"),
        ("users: [{name: u, user: {as-user-extra: {a: b}}}]", "users[0].user.as-user-extra.a: a list is expected"),
        ("users: [{name: u, user: {exec: {args: [1]}}}]", "users[0].user.exec.args[0]: a text is expected"),
        (
            "clusters: [{name: c, cluster: {certificate-authority-data: \"Q%0E=\"}}]",
            ":1:60: clusters[0].cluster.certificate-authority-data: not base64: \"%\" cannot be its character 2"
        ),
        (
            "users: [{name: u, user: {client-key-data: \"Q0E\"}}]",
            "users[0].user.client-key-data: not base64: it ends too early"
        ),
        ("users:\n- name: u\n- name: u\n", ":3:9: users[1].name: \"u\" is there twice"),
        ("kind: Plan", ":1:7: kind: Plan: a kubeconfig has Config"), ("apiVersion: v2", "apiVersion: v2"),
        ("a: [", "/config:2:1: "),
    ]

    @Test("that are none refuse every file, and say where, no matter which context is used", arguments: broken)
    func problems(text: String, says: String) throws {
        let file = try folder.file("config", text)
        let good = try folder.file("good", Self.one)
        let problem = #expect(throws: KubeError.self) {
            try Kubeconfig.load(path: "\(good):\(file)", environment: [:])
        }
        #expect(problem?.code == .config)
        #expect("\(problem.map { "\($0)" } ?? "")".contains(says), "\(String(describing: problem))")
    }

    /// Fields of a cluster and of a user, and what is wrong with them.
    static let unusable: [(cluster: String, user: String, says: String)] = [
        ("", "", "server: there is none"), ("server: ftp://x", "", "server: an http or https URL is expected"),
        ("server: https://x:y", "", "server: an http or https URL is expected"),
        ("server: https://x", "", "user \"u\" has no credentials"),
        ("server: http://x, proxy-url: ftp://p", "", "proxy-url: a URL with http, https or socks5 is expected"),
        ("server: http://x, certificate-authority: absent.crt", "", "absent.crt: No such file or directory"),
        (
            "server: https://x, certificate-authority-data: Q0E=, insecure-skip-tls-verify: true", "token: t",
            "insecure-skip-tls-verify: not together with a certificate authority"
        ),
        ("server: http://x", "client-certificate: absent.crt, client-key-data: Q0E=", "absent.crt: No such file"),
        ("server: http://x", "client-certificate-data: Q0E=", "there is no client-key with it"),
        (
            "server: http://x", "client-certificate-data: Q0E=, client-key-data: Q0E=, client-key: config",
            "client-key-data is there too"
        ),
        ("server: http://x", "token: t, username: name", "token: not together with username and password"),
        ("server: https://x", "tokenFile: absent", "absent: No such file or directory"),
        ("server: http://x", "as-groups: [g]", "as-groups: not without \"as\""),
        ("server: http://x", "as-uid: u", "as-uid: not without \"as\""),
        ("server: http://x", "as-user-extra: {a: [b]}", "as-user-extra: not without \"as\""),
        ("server: http://x", "as: \"a\\r\\nb: c\"", "Impersonate-User: a header cannot have a line break"),
        ("server: https://x", "auth-provider: {name: oidc}", "auth-provider: oidc cannot be used here"),
        ("server: http://x", "exec: {apiVersion: client.authentication.k8s.io/v1beta1}", "a command is expected"),
        ("server: http://x", "exec: {command: c}", "an apiVersion is expected"),
        (
            "server: http://x", "exec: {command: c, apiVersion: client.authentication.k8s.io/v1alpha1}",
            "apiVersion client.authentication.k8s.io/v1alpha1; allowed: "
        ),
        (
            "server: http://x", "exec: {command: c, apiVersion: client.authentication.k8s.io/v1}",
            "an interactiveMode is expected"
        ),
        (
            "server: http://x",
            "exec: {command: c, apiVersion: client.authentication.k8s.io/v1, interactiveMode: Always}",
            "the plugin needs a terminal"
        ),
        (
            "server: http://x",
            "exec: {command: c, apiVersion: client.authentication.k8s.io/v1, interactiveMode: Some}",
            "interactiveMode: Some; allowed: Never, IfAvailable, Always"
        ),
    ]

    @Test("whose one context cannot be used refuse that one alone, and say why and where", arguments: unusable)
    func stale(cluster: String, user: String, says: String) throws {
        let file = try folder.file(
            "config",
            """
            clusters:
            - {name: good, cluster: {server: "http://10.0.0.1"}}
            - {name: c, cluster: {\(cluster)}}
            contexts:
            - {name: dangling, context: {cluster: gone, user: gone}}
            - {name: good, context: {cluster: good, user: gone}}
            - {name: bad, context: {cluster: c, user: u}}
            users:
            - {name: u, user: {\(user)}}
            """)
        let config = try Kubeconfig.load(path: file, environment: [:])
        #expect(config.contexts.map(\.name) == ["good"])
        #expect(config.unusable.map(\.name) == ["dangling", "bad"])
        #expect(config.unusable[0].reason == "\(file):5:39: cluster \"gone\" is not in the kubeconfig")
        let problem = #expect(throws: KubeError.self) { try config.context("bad") }
        #expect(problem?.message.contains("\(file):") == true)
        #expect(problem?.message.contains(says) == true, "\(String(describing: problem))")
    }

    @Test("that are absent, and contexts that are not there, are named")
    func absent() throws {
        #expect(throws: KubeError.self) { try Kubeconfig.load(path: "/absent", environment: [:]) }
        #expect(throws: KubeError.self) { try Kubeconfig.load(path: folder.path, environment: [:]) }
        try materials()
        let config = try Kubeconfig.load(path: try folder.file("config", Self.one), environment: [:])
        let problem = #expect(throws: KubeError.self) { try config.context("wset") }
        #expect(problem.map { "\($0)" }?.contains("kind-east, west") == true)
    }

    @Test("are kubectl's own: KUBECONFIG unless it is empty, then the home folder's; else a pod has its account")
    func defaults() throws {
        let home = try TemporaryDirectory()
        #expect(Kubeconfig.defaultPath(["KUBECONFIG": "", "HOME": home.path]) == "\(home.path)/.kube/config")
        let environment = [
            "HOME": home.path, "KUBERNETES_SERVICE_HOST": "fd00::1", "KUBERNETES_SERVICE_PORT": "443",
        ]
        // Without a token there is no account.
        #expect(throws: KubeError.self) { try Kubeconfig.load(environment: environment, podFolder: folder.path) }
        try folder.file("token", "t")
        try folder.file("namespace", "demo\n")
        let pod = try Kubeconfig.load(environment: environment, podFolder: folder.path)
        #expect(pod.paths.isEmpty)
        let context = try pod.context()
        #expect(context.name == "in-cluster" && context.namespace == "demo")
        #expect(context.cluster.server == "https://[fd00::1]:443" && context.cluster.certificateAuthority == nil)
        #expect(context.user.tokenFile == "\(folder.path)/token")
        try folder.file("ca.crt", "CA")
        // What is written for kubectl reads the same.
        let written = try folder.file("kc", Kubeconfig.load(environment: environment, podFolder: folder.path).yaml())
        let read = try Kubeconfig.load(path: written, environment: environment, podFolder: folder.path).context()
        #expect(read.cluster.certificateAuthority == .file("\(folder.path)/ca.crt"))
        #expect(read.user.tokenFile == "\(folder.path)/token" && read.namespace == "demo")
        #expect(throws: KubeError.self) {
            try Kubeconfig.load(path: "/absent", environment: environment, podFolder: folder.path)
        }
    }

    @Test("name files relative to themselves, wherever they are named from")
    func relative() throws {
        let file = try folder.file("config", Self.one.replacing("token}", with: "../x/./token}"))
        let here = FileManager.default.currentDirectoryPath.split(separator: "/").map { _ in ".." }
        let path = (here + [String(file.dropFirst())]).joined(separator: "/")
        try folder.file("x", "")
        let config = try Kubeconfig.load(path: path, environment: [:])
        let reason = try #require(config.unusable.first { $0.name == "west" }?.reason)
        let above = folder.path.split(separator: "/").dropLast().joined(separator: "/")
        #expect(reason.contains(": /\(above)/x/token: No such file"), "\(reason)")
    }

    /// Texts and whether kubectl takes them.
    static let texts: [(text: String, isTaken: Bool)] = [
        ("", true), ("# nothing", true), ("{}", true), ("clusters: []\nother: {a: [1]}", true),
        ("clusters: null", true),
        ("clusters:\n- name: c\n  cluster: {server: null, insecure-skip-tls-verify: yes}", true),
        ("clusters:\n- name: c\n  cluster: {insecure-skip-tls-verify: \"yes\"}", false),
        ("contexts:\n- name: on\n  context: {}", false), ("contexts:\n- name: y\n  context: {}", false),
        ("contexts:\n- name: 1e3\n  context: {}", false), ("contexts:\n- name: 1_0\n  context: {}", false),
        ("contexts:\n- name: 0x1f\n  context: {}", false), ("contexts:\n- name: 2001-01-01\n  context: {}", true),
        ("contexts:\n- name: 1.2.3\n  context: {}", true), ("contexts:\n- name: .5\n  context: {}", false),
        ("contexts:\n- name: !!str 5\n  context: {}", true), ("contexts:\n- context: {}", true),
        ("contexts:\n- name: a\n- name: a", false), ("contexts:\n- name: a\n  name: b", true),
        ("clusters:\n- name: c\n  cluster:\n    certificate-authority-data: |\n      Q0\n      E=\n", true),
        ("clusters:\n- name: c\n  cluster:\n    certificate-authority-data: Q0\n      E=\n", false),
        ("clusters:\n- name: c\n  cluster: {certificate-authority-data: \"Q0\\r\\nE=\"}", true),
        ("clusters:\n- name: c\n  cluster: {certificate-authority-data: Q0E}", false),
        ("clusters:\n- name: c\n  cluster: {certificate-authority-data: Q0E=Q0E=}", false),
        ("clusters:\n- name: c\n  cluster: {certificate-authority-data: Q0F=}", true),
        ("kind: Config\napiVersion: v1", true), ("kind: Configuration", false), ("apiVersion: v1beta1", false),
        ("users:\n- name: u\n  user: {exec: {command: c, env: [{name: NO_COLOR}], args: null}}", true),
        ("users:\n- name: u\n  user: {exec: {env: [{name: N}]}}", false),
        ("users:\n- name: u\n  user: {exec: [c]}", false), ("users:\n- name: u\n  user: {password: true}", false),
        ("users:\n- name: u\n  user: {auth-provider: {name: gcp, config: {a: 1}}}", false),
        ("preferences: {colors: true}\nextensions: [{name: x, extension: {a: 1}}]", true),
        ("preferences: {colors: 1}", false), ("a: b\n---\nkind: Other", true), ("\tkind: Config", false),
        ("kind: Config\r\napiVersion: v1\r\n", true), ("Kind: Other", false), ("CLUSTERS: 1", true),
    ]

    @Test("are UTF-8, or UTF-16 with a byte order mark")
    func encodings() throws {
        for encoding in [String.Encoding.utf8, .utf16LittleEndian, .utf16BigEndian] {
            let file = folder.path + "/config"
            try #require(("\u{FEFF}" + Self.one).data(using: encoding)).write(to: URL(filePath: file))
            #expect(try Kubeconfig.load(path: file, environment: [:]).context("kind-east").namespace == "demo")
        }
        let file = folder.path + "/config"
        try Data(Array("a: b\nc: ".utf8) + [0xFF]).write(to: URL(filePath: file))
        let problem = #expect(throws: KubeError.self) { try Kubeconfig.load(path: file, environment: [:]) }
        #expect(problem?.message == "\(file):2:1: it is not UTF-8")
    }

    @Test("are taken where kubectl takes them, and refused where it does", .timeLimit(.minutes(2)))
    func asKubectl() async throws {
        for (text, isTaken) in Self.texts {
            let file = try folder.file("config", text)
            let theirs = try await Command(
                ["kubectl", "config", "view"],
                environment: Command.inheritedEnvironment.merging(["KUBECONFIG": file]) { $1 }
            ).run(timeout: .seconds(90))
            #expect(theirs.succeeded == isTaken, "\(text): \(theirs.standardError)")
            let ours = Result { try Kubeconfig.load(path: file, environment: [:]) }
            #expect(((try? ours.get()) != nil) == isTaken, "\(text): \(ours)")
        }
    }
}
