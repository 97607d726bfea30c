import NIOCore
import NIOHTTP1
import NIOPosix

/// The API server's own client for `pods/NAME:PORT/proxy`: one GET, one answer, one connection.
struct PodProxy: Sendable {
    var group: any EventLoopGroup

    func get(host: String, port: Int, path: String) async throws(APIStatus) -> APIAnswer {
        let promise = group.next().makePromise(of: APIAnswer.self)
        let limit = promise.futureResult.eventLoop.scheduleTask(in: .seconds(5)) {
            promise.fail(ChannelError.connectTimeout(.seconds(5)))
        }
        ClientBootstrap(group: promise.futureResult.eventLoop).connectTimeout(.seconds(3))
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHTTPClientHandlers()
                    try channel.pipeline.syncOperations.addHandler(AnswerCollector(promise))
                }
            }
            .connect(host: host, port: port).whenComplete { result in
                switch result {
                case .failure(let error): promise.fail(error)
                case .success(let channel):
                    var head = HTTPRequestHead(version: .http1_1, method: .GET, uri: path)
                    head.headers.add(name: "host", value: "\(host):\(port)")
                    head.headers.add(name: "connection", value: "close")
                    channel.write(HTTPClientRequestPart.head(head), promise: nil)
                    channel.writeAndFlush(HTTPClientRequestPart.end(nil), promise: nil)
                    promise.futureResult.whenComplete { _ in channel.close(promise: nil) }
                }
            }
        do {
            let answer = try await promise.futureResult.get()
            limit.cancel()
            return answer
        } catch {
            throw APIStatus(
                503, "ServiceUnavailable", "error trying to reach service: dial tcp \(host):\(port): \(error)")
        }
    }
}

/// Gathers one answer.
private final class AnswerCollector: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart

    private let promise: EventLoopPromise<APIAnswer>
    private var head: HTTPResponseHead?
    private var body: [UInt8] = []

    init(_ promise: EventLoopPromise<APIAnswer>) { self.promise = promise }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): self.head = head
        case .body(let buffer): body.append(contentsOf: buffer.readableBytesView)
        case .end:
            let type = head?.headers.first(name: "content-type") ?? "application/octet-stream"
            promise.succeed(.raw(body, type: type, code: Int(head?.status.code ?? 502)))
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        promise.fail(error)
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) { promise.fail(ChannelError.eof) }
}
