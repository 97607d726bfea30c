import ArgumentParser
import FoundationEssentials
import Logging
import QuakeEmbedded
import QuakeEnvironment
import QuakeKube
import QuakeProbe
import QuakeShell
import QuakeTimeline

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// `peerquake embedded`: clusters on loopback, as a process of their own.
struct EmbeddedCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "embedded",
        abstract: "Host embedded clusters until interrupted.",
        discussion: """
            Without --config and --timing those of peerquake.yaml are hosted, where its environment is embedded.

            EXAMPLES
              peerquake embedded --timing real --kubeconfig kc
              peerquake embedded --config kind-configs/east.yaml --config kind-configs/west.yaml --kubeconfig kc
              KUBECONFIG=kc kubectl --context east get nodes
            """)

    @OptionGroup var shapes: ShapeOptions

    @Option(help: "Where to write the kubeconfig.", transform: Checked.output)
    var kubeconfig: String

    @Option(help: "Seeds every random choice of the clusters.")
    var seed: UInt64 = 1

    @Flag(help: "Exit at the end of standard input.")
    var untilEOF = false

    @OptionGroup var log: LogOptions

    /// What the command line, variables and `peerquake.yaml` say of embedded clusters.
    private func settings() throws -> Settings {
        try Settings(
            flags: [
                .environment: [EnvironmentName.embedded.rawValue], .configs: shapes.configs,
                .timing: [shapes.timing].compactMap { $0 },
            ], environment: Command.inheritedEnvironment)
    }

    func run() async throws {
        log.apply()
        let shapes = try EmbeddedChild.shapes(settings().shapes)
        var logger = Logger(label: "peerquake.embedded")
        logger.logLevel = .error
        let host = EmbeddedHost(shapes, seed: seed, logger: logger)
        let path = kubeconfig
        let hosting = Task {
            try await host.run { contexts in
                let config = Kubeconfig(contexts: contexts, currentContext: contexts.first?.name)
                try Data(config.yaml().utf8).write(to: URL(filePath: path), options: .atomic)
                print("ready")
                fflush(nil)
            }
        }
        if untilEOF { StandardInput.exitAtEnd() }
        // What many requests took at once lies between blocks that live on, and only this returns it.
        let tidying = Task {
            while (try? await Task.sleep(for: .seconds(10))) != nil { ProcessMemory.giveBack() }
        }
        defer { tidying.cancel() }
        do {
            try await hosting.value
        } catch let error as EmbeddedError where error.code == .configuration {
            throw Failure(.usage, "\(error)")
        } catch let error as EmbeddedError {
            throw Failure(.unavailable, "\(error)")
        }
    }
}

/// Notices the end of standard input on a thread of its own.
enum StandardInput {
    static func exitAtEnd() {
        var thread = pthread_t()
        pthread_create(
            &thread, nil,
            { _ in
                var byte: UInt8 = 0
                while read(0, &byte, 1) > 0 {}
                exit(0)
            }, nil)
        pthread_detach(thread)
    }
}
