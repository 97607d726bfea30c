import Dispatch
import QuakeRun

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// SIGINT and SIGTERM end a run in order: it heals first. After a second one,
/// what cannot be healed at once is left.
final class Signals {
    private let sources: [any DispatchSourceSignal]

    init(_ interruption: Interruption) {
        sources = [SIGINT, SIGTERM].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler {
                complain(
                    interruption.cause == nil
                        ? "signal \(number): healing what was changed …"
                        : "signal \(number): what cannot be healed at once is left to peerquake recover")
                interruption.raise(.signal(number))
            }
            source.resume()
            return source
        }
    }
}
