import NIOCore
import NIOHPACK
import QuakeRecord

#if canImport(Glibc)
    import Glibc
#endif

/// One connection of a client, and its stream on a shared connection. Lives on the client channel's event loop, which is
/// the dialler's.
final class SharedDial: TunnelClient {
    private let client: any Channel
    private let recorder: DialRecorder
    private let clientEnd = TunnelEnd()

    init(client: any Channel, recorder: DialRecorder) {
        self.client = client
        self.recorder = recorder
    }

    func start(to address: SocketAddress, authority: String, by dialler: TunnelDialler) throws {
        try client.pipeline.syncOperations.addHandler(clientEnd)
        recorder.watch(client)
        dialler.open(
            for: self, from: client.remoteAddress?.host ?? "", to: address, authority: authority,
            closed: client.closeFuture)
    }

    func assigned() { recorder.record.phase = .connect }

    func answered(_ head: HPACKHeaders) {
        recorder.answered(node: head.first(name: "x-peerquake-node"), pod: head.first(name: "x-peerquake-pod"))
    }

    func opened(_ end: TunnelEnd) {
        recorder.finish(.ok, errno: 0)
        TunnelEnd.join(clientEnd, end)
    }

    func rejected() {
        recorder.finish(.rejected, errno: 0)
        client.reset()
    }

    func failed(_ failure: TunnelPool.Failure, errno: Int32) {
        let (outcome, code) = Self.outcome(failure)
        recorder.finish(outcome, errno: errno == 0 ? code : errno)
        client.reset()
    }

    private static func outcome(_ failure: TunnelPool.Failure) -> (DialOutcome, errno: Int32) {
        switch failure {
        case .connectTimeout: (.timeout, ETIMEDOUT)
        case .pingTimeout: (.timeout, 0)
        case .refused: (.refused, ECONNREFUSED)
        case .noRoute: (.noRoute, EHOSTUNREACH)
        case .reset: (.reset, ECONNRESET)
        case .eof, .goAway: (.eof, 0)
        case .error: (.error, 0)
        }
    }
}
