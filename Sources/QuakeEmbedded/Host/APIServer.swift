import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import QuakeKube

/// One cluster's API as plain HTTP on loopback, like `kubectl proxy`'s.
struct APIServer: Sendable {
    var handler: APIHandler
    var address: String
    var group: any EventLoopGroup

    /// Serves until the task is cancelled.
    ///
    /// - Parameter onRunning: called when connections are accepted.
    func run(onRunning: @escaping @Sendable () -> Void) async throws {
        let handler = handler
        let expected = [address, "\(address):\(AddressPlan.apiPort)"]
        let responder = CallbackResponder<ConnectionContext> { request, context in
            // Browsers of this machine must not reach it by a name of their own making. An address of loopback is no
            // such name: something that passes connections on, as a gate or a tunnel, may stand there.
            guard let authority = request.head.authority,
                expected.contains(authority) || Self.isLoopback(authority)
            else {
                return Self.response(
                    .json(APIStatus(403, "Forbidden", "the Host header names another server").json, code: 403))
            }
            let body = try await request.body.collect(upTo: 8 << 20)
            let taken = APIRequest(
                method: request.method.rawValue, target: request.head.path ?? "/",
                contentType: request.headers[.contentType] ?? "", accept: request.headers[.accept] ?? "",
                body: Array(body.readableBytesView))
            let answer = await handler.answer(taken)
            if case .stream(_, let end) = answer { context.channel.closeFuture.whenComplete { _ in end() } }
            return Self.response(answer)
        }
        var logger = Logger(label: "peerquake.api")
        logger.logLevel = .error
        let application = Application(
            responder: responder,
            server: .http1(configuration: .init(additionalChannelHandlers: [HangUpHandler()])),
            configuration: .init(
                address: .hostname(address, port: AddressPlan.apiPort), serverName: "peerquake", backlog: 512),
            onServerRunning: { _ in onRunning() }, eventLoopGroupProvider: .shared(group), logger: logger)
        try await application.run()
    }

    /// Whether an authority is an IPv4 address of 127/8, with a port or without.
    static func isLoopback(_ authority: String) -> Bool {
        authority.wholeMatch(of: /127(\.\d{1,3}){3}(:\d{1,5})?/) != nil
    }

    private static func response(_ answer: APIAnswer) -> Response {
        // kubectl remembers what it may; an embedded cluster of tomorrow may live at the same address.
        var fields: HTTPFields = [.cacheControl: "no-cache, private"]
        switch answer {
        case .json(let value, let code, let warnings):
            fields[.contentType] = "application/json"
            for warning in warnings {
                fields.append(HTTPField(name: .warning, value: "299 - \(JSONValue.string(warning).text())"))
            }
            if let seconds = value[path: "details.retryAfterSeconds"]?.intValue {
                fields[.retryAfter] = String(seconds)
            }
            return Response(
                status: .init(code: code), headers: fields,
                body: .init(byteBuffer: ByteBuffer(bytes: value.serialized())))
        case .raw(let bytes, let type, let code):
            fields[.contentType] = type
            return Response(
                status: .init(code: code), headers: fields, body: .init(byteBuffer: ByteBuffer(bytes: bytes)))
        case .stream(let lines, _):
            fields[.contentType] = "application/json"
            fields[.connection] = "close"
            let body = ResponseBody { writer in
                for await line in lines {
                    var buffer = ByteBuffer(bytes: line.serialized())
                    buffer.writeInteger(UInt8(ascii: "\n"))
                    try await writer.write(buffer)
                }
                try await writer.finish(nil)
            }
            return Response(status: .ok, headers: fields, body: body)
        }
    }
}

extension HTTPField.Name {
    fileprivate static let warning = HTTPField.Name("Warning") ?? .init(parsed: "warning") ?? .via
}

/// Knows the connection that a request came over.
private struct ConnectionContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    let channel: any Channel

    init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        channel = source.channel
    }
}

/// Closes a connection whose client has hung up. A watch that has nothing to tell would not notice, and stay with all that
/// it holds until its time-out.
private final class HangUpHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = Any

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if let event = event as? ChannelEvent, event == .inputClosed { context.close(promise: nil) }
        context.fireUserInboundEventTriggered(event)
    }
}
