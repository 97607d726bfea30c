import Foundation
import QuakeKube
import QuakeTestSupport
import Testing

/// An nginx that ends TLS before a plain server, as an API server's front does, and asks for client certificates.
final class TLSFront: Sendable {
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

    static let hasIPv6 = (try? String(contentsOfFile: "/proc/net/if_inet6", encoding: .utf8))?.contains(" lo") ?? false

    /// - Parameter needsCertificate: who shows none is answered 401.
    init(before port: Int, needsCertificate: Bool = true) async throws {
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
              echo "subjectAltName=DNS:$1,DNS:$1.private.test,IP:127.0.0.1,IP:::1" > $1.ext
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
              access_log off; keepalive_timeout 0; ignore_invalid_headers off; large_client_header_buffers 4 32k;
              client_body_temp_path \(path)/b; proxy_temp_path \(path)/p; fastcgi_temp_path \(path)/f;
              uwsgi_temp_path \(path)/u; scgi_temp_path \(path)/s;
              server {
                listen 127.0.0.1:\(self.port) ssl;
                \(Self.hasIPv6 ? "listen [::1]:\(self.port) ssl;" : "")
                ssl_certificate \(path)/api.crt; ssl_certificate_key \(path)/api.key;
                ssl_client_certificate \(path)/ca.crt; ssl_verify_client optional;
                location / {
                  \(needsCertificate ? "if ($ssl_client_verify != SUCCESS) { return 401; }" : "")
                  proxy_pass http://127.0.0.1:\(port); proxy_buffering off;
                  proxy_set_header X-User $ssl_client_s_dn; proxy_set_header X-Host $http_host;
                  proxy_set_header X-Name $ssl_server_name;
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
