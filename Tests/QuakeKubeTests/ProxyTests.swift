import QuakeKube
import QuakeTestSupport
import Testing

/// The rules of golang.org/x/net/http/httpproxy.
@Suite("The proxy to an API server")
struct ProxyTests {
    private func proxy(
        _ server: String, _ environment: [String: String], proxyURL: String? = nil
    ) throws -> String? {
        let context = Kubeconfig.Context(name: "c", cluster: .init(name: "c", server: server, proxyURL: proxyURL))
        return try KubeClient(context, environment: environment).route.proxy.map { "\($0)" }
    }

    @Test(
        "is the environment's by the server's scheme, in capitals first",
        arguments: [
            ("https://a.test", ["HTTPS_PROXY": "http://p:1", "https_proxy": "http://q:1"], "http://p:1"),
            ("https://a.test", ["HTTPS_PROXY": "", "https_proxy": "q"], "http://q:80"),
            ("https://a.test", ["HTTP_PROXY": "http://p:1", "ALL_PROXY": "http://p:1"], nil),
            ("http://a.test", ["HTTPS_PROXY": "http://p:1", "http_proxy": "socks5://u:p%40@q"], "socks5://q:1080"),
            ("http://a.test", ["HTTP_PROXY": "https://p/x"], "https://p:443"),
            ("http://a.test", ["HTTP_PROXY": "p:3128"], "http://p:3128"),
            ("http://a.test", ["HTTP_PROXY": "http://[fd00::1]:3128"], "http://[fd00::1]:3128"),
            ("http://a.test", ["HTTP_PROXY": "a b"], nil),
            ("a.test:80", ["HTTP_PROXY": "p:3128"], "http://p:3128"),
        ] as [(String, [String: String], String?)])
    func scheme(server: String, environment: [String: String], wanted: String?) throws {
        #expect(try proxy(server, environment) == wanted)
    }

    @Test(
        "is none where NO_PROXY names the server, and none for loopback",
        arguments: [
            ("a.test", "a.test", true), ("x.a.test", "a.test", true), ("xa.test", "a.test", false),
            ("a.test", ".a.test", false), ("x.a.test", ".a.test", true), ("x.a.test", "*.a.test", true),
            ("a.test", "*.a.test", false), ("A.Test", "a.TEST", true), ("a.test", "b.test, a.test ,", true),
            ("a.test", "a.test:443", true), ("a.test", "a.test:80", false), ("a.test:8443", "a.test:8443", true),
            ("a.test", "*", true), ("a.test", "b.test,*", true), ("a.test", "", false),
            ("10.1.2.3", "10.0.0.0/8", true), ("11.1.2.3", "10.0.0.0/8", false), ("10.1.2.3", "10.1.2.3", true),
            ("10.1.2.3", "10.1.2.3:443", true), ("10.1.2.3", "10.1.2.3:1", false), ("10.1.2.3", "10.1.2", false),
            ("[fd00::1]", "fd00::/8", true), ("[fd00::1]", "fd00::1", true), ("[fd00::1]", "[fd00::1]:443", true),
            ("[fd00::1]", "[fd00::1]:80", false), ("[fe80::1]", "0.0.0.0/0", false), ("1.a.test", "1.0.0.0/8", false),
            ("localhost", "", true), ("127.9.9.9", "", true), ("[::1]", "", true), ("localhost.test", "", false),
        ])
    func exceptions(host: String, noProxy: String, isDirect: Bool) throws {
        for name in ["NO_PROXY", "no_proxy"] {
            let found = try proxy("https://\(host)", ["HTTPS_PROXY": "http://p:1", name: noProxy])
            #expect((found == nil) == isDirect)
        }
        // The kubeconfig's own wins over all of it.
        let own = try proxy("https://\(host)", ["HTTPS_PROXY": "p", "NO_PROXY": noProxy], proxyURL: "socks5://q:2")
        #expect(own == "socks5://q:2")
    }

    @Test("is refused where it is none")
    func refused() {
        for text in ["ftp://p", "p:80", "http://", "http://p:x"] {
            #expect(throws: KubeError.self) { try proxy("https://a.test", [:], proxyURL: text) }
        }
        #expect(throws: KubeError.self) { try proxy("ftp://a.test", [:]) }
    }

    @Test("that does not let through is reported with what it said")
    func closed() async throws {
        let proxy = RecordingProxy([:])
        defer { proxy.stop() }
        let cluster = Kubeconfig.Cluster(
            name: "c", server: "https://a.test", proxyURL: "http://me:secret@127.0.0.1:\(proxy.port)")
        let client = KubeClient(.init(name: "far", cluster: cluster), environment: [:])
        let error = await #expect(throws: KubeError.self) { try await client.get(.node("n")) }
        #expect(error?.code == .unreachable)
        let text = error.map { "\($0)" } ?? ""
        #expect(text.contains("at far through proxy http://127.0.0.1:\(proxy.port)") && text.contains("502"), "\(text)")
        #expect(!text.contains("secret"))
        #expect(proxy.requests == ["CONNECT a.test:443"])
    }
}
