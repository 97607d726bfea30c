import NIOCore
import NIOHTTP1
import QuakeHTTP
import QuakeKube
import QuakeMeshAgent

/// One cluster's API as plain HTTP on loopback, like `kubectl proxy`'s.
struct APIServer: Sendable {
    var handler: APIHandler
    var address: String
    var group: any EventLoopGroup

    /// Serves until the task is cancelled.
    ///
    /// - Parameter onRunning: called when connections are accepted.
    func run(onRunning: @escaping @Sendable () -> Void) async throws {
        let server = HTTPServer(self)
        let listener = try await SystemNetwork(group: group).listen(
            host: address, port: AddressPlan.apiPort, accept: server.accept)
        onRunning()
        // Nothing ever comes: cancellation ends it.
        let (never, source) = AsyncStream<Never>.makeStream()
        for await _ in never {}
        withExtendedLifetime(source) {}
        await listener.close()
        await server.stop()
    }

    /// Whether an authority is an IPv4 address of 127/8, with a port or without.
    static func isLoopback(_ authority: String) -> Bool {
        authority.wholeMatch(of: /127(\.\d{1,3}){3}(:\d{1,5})?/) != nil
    }
}

extension APIServer: HTTPResponder {
    var bodyLimit: Int { 8 << 20 }

    func reply(to request: SimpleRequest) -> HTTPReply {
        guard isAddressed(by: request.headers["host"]) else {
            return .now(
                Self.answer(
                    .json(APIStatus(403, "Forbidden", "the Host header names another server").json, code: 403)))
        }
        let taken = APIRequest(
            method: request.method.rawValue, target: request.uri,
            contentType: request.headers["content-type"].joined(separator: ", "),
            accept: request.headers["accept"].joined(separator: ", "), body: request.body)
        return .later { Self.answer(await handler.answer(taken)) }
    }

    /// Browsers of this machine must not reach it by a name of their own making. An address of loopback is no such name:
    /// something that passes connections on, as a gate or a tunnel, may stand there.
    private func isAddressed(by hosts: [String]) -> Bool {
        guard let host = hosts.first, hosts.count == 1 else { return false }
        return [address, "\(address):\(AddressPlan.apiPort)"].contains(host) || Self.isLoopback(host)
    }

    private static func answer(_ answer: APIAnswer) -> SimpleAnswer {
        // kubectl remembers what it may; an embedded cluster of tomorrow may live at the same address.
        var fields = [("Cache-Control", "no-cache, private")]
        switch answer {
        case .json(let value, let code, let warnings):
            fields.append(("Content-Type", "application/json"))
            fields += warnings.map { ("Warning", "299 - \(JSONValue.string($0).text())") }
            if let seconds = value[path: "details.retryAfterSeconds"]?.intValue {
                fields.append(("Retry-After", String(seconds)))
            }
            return SimpleAnswer(status: .init(statusCode: code), fields: fields, body: value.serialized())
        case .list(let list):
            fields.append(("Content-Type", "application/json"))
            var pieces = list.pieces
            let first = pieces.next() ?? []
            // What fits into one piece has a length.
            guard !pieces.isOver else { return SimpleAnswer(fields: fields, body: first) }
            return SimpleAnswer(fields: fields) { [pieces] stream in
                try await stream.write(first)
                for piece in pieces { try await stream.write(piece) }
            }
        case .raw(let bytes, let type, let code):
            fields.append(("Content-Type", type))
            return SimpleAnswer(status: .init(statusCode: code), fields: fields, body: bytes)
        case .stream(let lines):
            fields += [("Content-Type", "application/json"), ("Connection", "close")]
            return SimpleAnswer(fields: fields) { stream in
                for await line in lines { try await stream.write(line.serialized() + [UInt8(ascii: "\n")]) }
            }
        }
    }
}
