import ArgumentParser
import Glibc
import QuakeBase

/// So many requests in flight, each followed by the next at once: what wrk does, on the libcurl wrapper and with the handles
/// and callbacks of the prober's lanes. The prober itself has no closed loop, for that is no way to measure an outage; this
/// is here to compare what a request costs.
struct ClosedLoopCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "closed-loop", abstract: "Ask a URL as fast as it answers, and say what a request costs.",
        discussion:
            "EXAMPLE\n  bench closed-loop http://127.0.0.1:8080/ --connections pooled --in-flight 64 --seconds 10")

    @Argument(help: "An http URL.")
    var url: String

    @Option(help: "new or pooled.")
    var connections = "pooled"

    @Option(help: "Requests in flight at once.")
    var inFlight = 64

    @Option(help: "How long.")
    var seconds = 10.0

    func validate() throws {
        guard ["new", "pooled"].contains(connections), inFlight > 0, seconds > 0 else {
            throw ValidationError("--connections must be new or pooled, --in-flight and --seconds positive")
        }
    }

    func run() throws {
        let loop = try RequestLoop(url: url, isPooled: connections == "pooled", inFlight: inFlight)
        let began = SystemClock.process
        loop.run(nanoseconds: Int64(seconds * 1e9))
        let used = SystemClock.process - began
        let micros = Double(used) / 1000 / Double(max(1, loop.answered))
        print(
            "{\"requests\":\(loop.answered),\"failures\":\(loop.failures),\"processMicros\":\((micros * 10).rounded() / 10)}"
        )
        if loop.failures > 0 { throw ExitCode(1) }
    }
}
