import ArgumentParser
import CLinux
import Glibc

/// What scripts/bench needs beside the prober itself.
@main
struct Bench: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench", abstract: "The other sides of scripts/bench.",
        subcommands: [ClosedLoopCommand.self, DeafPortCommand.self])
}

struct DeafPortCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "deaf-port",
        abstract: "Print a port of loopback that drops every packet, until the standard input ends.")

    func run() throws {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { raw in
                bind(descriptor, raw, size) == 0 && quake_set_deaf(descriptor, 1) == 0 && listen(descriptor, 1) == 0
                    && getsockname(descriptor, raw, &size) == 0
            }
        }
        guard bound else { throw ExitCode(70) }
        // Whoever reads it through a pipe waits for it.
        let line = Array("\(UInt16(bigEndian: address.sin_port))\n".utf8)
        write(1, line, line.count)
        while readLine() != nil {}
    }
}
