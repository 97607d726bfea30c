import Foundation
import QuakeKube
import QuakeTestSupport
import Testing

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
        let front = try await TLSFront(before: server.port, needsCertificate: true)
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
