import Foundation
import QuakeKube
import QuakeTestSupport
import Testing

/// An nginx that ends TLS before a plain server, as an API server's front does, and asks for client certificates.
private final class TLSFront: Sendable {
    let port: Int
    let folder: TemporaryDirectory
    private let nginx: String

    /// `nil` where there is no nginx or openssl.
    static let tools: (nginx: String, openssl: String)? = {
        func find(_ name: String) -> String? {
            ["/usr/sbin/\(name)", "/usr/bin/\(name)", "/usr/local/sbin/\(name)", "/usr/local/bin/\(name)"].first {
                FileManager.default.isExecutableFile(atPath: $0)
            }
        }
        guard let nginx = find("nginx"), let openssl = find("openssl") else { return nil }
        return (nginx, openssl)
    }()

    init(before port: Int) async throws {
        let tools = try #require(Self.tools)
        folder = try TemporaryDirectory()
        nginx = tools.nginx
        let free = ScriptedServer { _ in }
        self.port = free.port
        free.stop()
        let path = folder.path
        let script = try folder.script(
            "pki",
            """
            set -e; cd \(path)
            for ca in ca other; do
              \(tools.openssl) req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 \\
                -subj /CN=$ca -keyout $ca.key -out $ca.crt
            done
            issue() {
              \(tools.openssl) req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj "/O=system:masters/CN=$1" \\
                -keyout $1.key -out $1.csr
              echo "subjectAltName=DNS:$1" > $1.ext
              \(tools.openssl) x509 -req -in $1.csr -CA $2.crt -CAkey $2.key -CAcreateserial -days 2 -extfile $1.ext \\
                -out $1.crt
            }
            issue api ca; issue admin ca; issue stranger other
            """)
        let made = try await Command([script]).run(timeout: .seconds(60))
        try #require(made.succeeded, "\(made.standardError)")
        let config = try folder.file(
            "nginx.conf",
            """
            pid \(path)/pid; error_log \(path)/error.log; worker_processes 1; daemon on;
            events { worker_connections 64; }
            http {
              access_log off;
              client_body_temp_path \(path)/b; proxy_temp_path \(path)/p; fastcgi_temp_path \(path)/f;
              uwsgi_temp_path \(path)/u; scgi_temp_path \(path)/s;
              server {
                listen 127.0.0.1:\(self.port) ssl;
                ssl_certificate \(path)/api.crt; ssl_certificate_key \(path)/api.key;
                ssl_client_certificate \(path)/ca.crt; ssl_verify_client optional;
                location / {
                  if ($ssl_client_verify != SUCCESS) { return 401; }
                  proxy_pass http://127.0.0.1:\(port); proxy_buffering off;
                  proxy_set_header X-User $ssl_client_s_dn;
                }
              }
            }
            """)
        // It forks, and its parent ends once it listens.
        let started = try await Command([nginx, "-c", config, "-p", path, "-e", "\(path)/error.log"]).run(
            timeout: .seconds(20))
        try #require(started.succeeded, "\(started.standardError)")
    }

    func stop() async {
        _ = try? await Command([nginx, "-c", "\(folder.path)/nginx.conf", "-p", folder.path, "-s", "stop"]).run(
            timeout: .seconds(10))
    }

    func file(_ name: String) -> Kubeconfig.Material { .file("\(folder.path)/\(name)") }

    func inline(_ name: String) throws -> Kubeconfig.Material {
        .inline(Array(try #require(FileManager.default.contents(atPath: "\(folder.path)/\(name)"))))
    }
}

@Suite("TLS to an API server", .enabled(if: TLSFront.tools != nil, "nginx and openssl are needed"))
struct TLSTests {
    private func client(
        _ front: TLSFront, authority: Kubeconfig.Material?, user: Kubeconfig.User = .init(),
        name: String? = "api", skipsVerification: Bool = false
    ) -> KubeClient {
        KubeClient(
            .init(
                name: "tls",
                cluster: .init(
                    name: "tls", server: "https://127.0.0.1:\(front.port)", certificateAuthority: authority,
                    skipsVerification: skipsVerification, tlsServerName: name), user: user))
    }

    private func withFront(_ body: (TLSFront) async throws -> Void) async throws {
        let server = ScriptedServer { connection in
            while let head = connection.head() {
                let user = head.split(separator: "\r\n").first { $0.lowercased().hasPrefix("x-user:") } ?? ""
                connection.answer(
                    200, ["content-type: application/json"],
                    body: "{\"user\":\"\(user.dropFirst(8))\",\"metadata\":{\"resourceVersion\":\"1\"},\"items\":[]}")
            }
        }
        defer { server.stop() }
        let front = try await TLSFront(before: server.port)
        do {
            try await body(front)
        } catch {
            await front.stop()
            throw error
        }
        await front.stop()
    }

    private func failure(_ client: KubeClient) async -> KubeError? {
        do throws(KubeError) {
            _ = try await client.get(.node("n"))
            return nil
        } catch {
            return error
        }
    }

    @Test("verifies the server and shows a client certificate, from files and inline", .timeLimit(.minutes(2)))
    func mutual() async throws {
        try await withFront { front in
            let admin = Kubeconfig.User(certificate: front.file("admin.crt"), key: front.file("admin.key"))
            let byFile = client(front, authority: front.file("ca.crt"), user: admin)
            #expect(try await byFile.get(.node("n"))["user"]?.stringValue?.contains("CN=admin") == true)
            let inline = client(
                front, authority: try front.inline("ca.crt"),
                user: .init(certificate: try front.inline("admin.crt"), key: try front.inline("admin.key")))
            #expect(try await inline.get(.node("n"))["user"]?.stringValue?.contains("O=system:masters") == true)
            // A watch goes the same way: its first word is that the list is told.
            for await event in byFile.watch(.nodes) {
                #expect(event == .synced)
                break
            }
        }
    }

    @Test("refuses a server that it cannot verify, and is refused as a stranger", .timeLimit(.minutes(2)))
    func refused() async throws {
        try await withFront { front in
            let admin = Kubeconfig.User(certificate: front.file("admin.crt"), key: front.file("admin.key"))
            // Another authority, a wrong name, no authority at all: the system's do not know it.
            for (authority, name) in [
                (front.file("other.crt"), "api"), (front.file("ca.crt"), "elsewhere"), (nil, "api"),
            ] as [(Kubeconfig.Material?, String)] {
                let error = await failure(client(front, authority: authority, user: admin, name: name))
                #expect(error?.code == .tls, "\(String(describing: error))")
            }
            #expect(await failure(client(front, authority: front.file("ca.crt")))?.code == .unauthorized)
            let stranger = Kubeconfig.User(certificate: front.file("stranger.crt"), key: front.file("stranger.key"))
            #expect(await failure(client(front, authority: front.file("ca.crt"), user: stranger)) != nil)
            let absent = Kubeconfig.User(certificate: front.file("absent.crt"), key: front.file("admin.key"))
            #expect(await failure(client(front, authority: front.file("ca.crt"), user: absent))?.code == .config)
            let unverified = client(front, authority: nil, user: admin, skipsVerification: true)
            let answer = try await unverified.get(.node("n"))
            #expect(answer["user"]?.stringValue?.contains("CN=admin") == true)
        }
    }
}
