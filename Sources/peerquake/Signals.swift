import Dispatch
import QuakeRun
import QuakeShell

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// SIGINT and SIGTERM end a run in order: the plan's `always` and healing come first. A second one skips what is left of
/// `always`, and ends the retries of healing.
final class Signals {
    private let sources: [any DispatchSourceSignal]

    init(_ interruption: Interruption) {
        sources = [SIGINT, SIGTERM].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler {
                interruption.raise(.signal(number))
                complain(
                    interruption.isUrgent
                        ? "signal \(number) again: the rest of `always` is skipped; what cannot be healed at once is left to recover"
                        : "signal \(number): healing what was changed …")
            }
            source.resume()
            return source
        }
    }
}
