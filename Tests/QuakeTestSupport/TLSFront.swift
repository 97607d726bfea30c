import Dispatch
import Foundation
import Glibc

/// An nginx that ends TLS before a plain server, as an API server's front does: with a certificate for the names `api`
/// and `api.private.test` and for loopback, issued by `ca`. It asks for client certificates of the same authority.
package final class TLSFront: Sendable {
    /// What it could not do, and what was said of it.
    package struct Failure: Error {
        package var text: String
    }

    package let port: Int
    /// Holds `NAME.crt` and `NAME.key` of `ca`, `api` and the client `admin`, and of `other` and its client `stranger`.
    package let folder: TemporaryDirectory
    private let nginx: String

    /// `nil` where there is no nginx or openssl.
    package static let tools: (nginx: String, openssl: String)? = {
        func find(_ name: String) -> String? {
            ["/usr/sbin/\(name)", "/usr/bin/\(name)", "/usr/local/sbin/\(name)", "/usr/local/bin/\(name)"].first {
                FileManager.default.isExecutableFile(atPath: $0)
            }
        }
        guard let nginx = find("nginx"), let openssl = find("openssl") else { return nil }
        return (nginx, openssl)
    }()

    package static let hasIPv6: Bool =
        (try? String(contentsOfFile: "/proc/net/if_inet6", encoding: .utf8))?.contains(" lo") ?? false

    /// - Parameters:
    ///   - needsCertificate: who shows none is answered 401.
    ///   - keepsAlive: serves one request of a connection after another, and streams both ways.
    package init(before port: Int, needsCertificate: Bool = false, keepsAlive: Bool = false) async throws {
        guard let tools = Self.tools else { throw Failure(text: "there is no nginx or no openssl") }
        folder = try TemporaryDirectory()
        nginx = tools.nginx
        let free = ScriptedServer { _ in }
        self.port = free.port
        free.stop()
        let path = folder.path
        let script = try folder.file(
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
        // Read, not executed: a program that starts at this moment may hold it open for writing.
        try await Self.run("/bin/sh", [script], log: "\(path)/pki.log")
        let config = try folder.file(
            "nginx.conf",
            """
            pid \(path)/pid; error_log \(path)/error.log; worker_processes 1; daemon on;
            events { worker_connections 256; }
            http {
              access_log off; \(keepsAlive ? "" : "keepalive_timeout 0;") ignore_invalid_headers off; large_client_header_buffers 4 32k;
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
                  \(keepsAlive ? "proxy_http_version 1.1; proxy_request_buffering off;" : "")
                  proxy_set_header X-User $ssl_client_s_dn; proxy_set_header X-Host $http_host;
                  proxy_set_header X-Name $ssl_server_name;
                }
              }
            }
            """)
        // It forks, and its parent ends once it listens.
        try await Self.run(nginx, ["-c", config, "-p", path, "-e", "\(path)/error.log"], log: "\(path)/start.log")
    }

    package func stop() async {
        let arguments = ["-c", "\(folder.path)/nginx.conf", "-p", folder.path, "-s", "stop"]
        try? await Self.run(nginx, arguments, log: "\(folder.path)/stop.log")
    }

    /// PEM text of `NAME.crt`.
    package func certificate(_ name: String) throws -> String {
        try String(contentsOfFile: "\(folder.path)/\(name).crt", encoding: .utf8)
    }

    /// Waits for the program itself: Foundation's `Process` would wait for a daemon that it leaves, too.
    ///
    /// - Parameter log: a file for what it says.
    private static func run(_ program: String, _ arguments: [String] = [], log: String) async throws {
        let line = ([program] + arguments).map { "'\($0)'" }.joined(separator: " ")
        let status = await withCheckedContinuation { continuation in
            DispatchQueue.global().async {
                continuation.resume(returning: NetworkNamespace.shell("exec \(line) </dev/null >'\(log)' 2>&1"))
            }
        }
        guard status != 0 else { return }
        let said = (try? String(contentsOfFile: log, encoding: .utf8)) ?? ""
        throw Failure(text: "\(program) ended with \(status): \(said)")
    }
}
