import Foundation
import QuakeKube
import QuakeTestSupport
import Testing

/// An nginx that ends TLS before a plain server, with a certificate for the name `api`.
final class TLSFront: Sendable {
    let port: Int
    private let folder: TemporaryDirectory
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
            \(tools.openssl) req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=api \\
              -keyout api.key -out api.csr
            echo "subjectAltName=DNS:api" > api.ext
            \(tools.openssl) x509 -req -in api.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 2 -extfile api.ext \\
              -out api.crt
            """)
        let made = try await Command([script]).run(timeout: .seconds(60))
        try #require(made.succeeded, "\(made.standardError)")
        let config = try folder.file(
            "nginx.conf",
            """
            pid \(path)/pid; error_log \(path)/error.log; worker_processes 1; daemon on;
            events { worker_connections 256; }
            http {
              access_log off;
              client_body_temp_path \(path)/b; proxy_temp_path \(path)/p; fastcgi_temp_path \(path)/f;
              uwsgi_temp_path \(path)/u; scgi_temp_path \(path)/s;
              server {
                listen 127.0.0.1:\(self.port) ssl;
                ssl_certificate \(path)/api.crt; ssl_certificate_key \(path)/api.key;
                location / {
                  proxy_pass http://127.0.0.1:\(port);
                  proxy_http_version 1.1; proxy_buffering off; proxy_request_buffering off;
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

    /// PEM text of `ca`, which issued the certificate, or of `other`, which did not.
    func authority(_ name: String) throws -> String {
        try String(contentsOfFile: "\(folder.path)/\(name).crt", encoding: .utf8)
    }
}
