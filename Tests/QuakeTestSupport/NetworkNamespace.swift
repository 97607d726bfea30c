internal import CLinux
import Glibc
import Synchronization

/// A network of its own for some of a test's threads, with nothing but loopback in it, and mounts of its own beside.
///
/// A thread inherits the network of the one that makes it: servers and probers made in ``run(_:)`` live in it whole.
package final class NetworkNamespace: Sendable {
    /// Whether this process may make one: it takes root, or CAP_SYS_ADMIN.
    package static let isPermitted: Bool = NetworkNamespace() != nil

    private let network: Int32
    private let mounts: Int32

    /// `nil` where that is not permitted.
    package init?() {
        let made = Mutex<(network: Int32, mounts: Int32)>((-1, -1))
        Threads.run {
            guard quake_unshare() == 0 else { return }
            // What is mounted here stays here.
            guard Self.shell("mount --make-rprivate / && ip link set lo up") == 0 else { return }
            made.withLock {
                $0 = (
                    open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC),
                    open("/proc/thread-self/ns/mnt", O_RDONLY | O_CLOEXEC)
                )
            }
        }
        (network, mounts) = made.withLock { $0 }
        guard network >= 0, mounts >= 0 else { return nil }
    }

    deinit {
        close(network)
        close(mounts)
    }

    /// Runs on a thread of this network, and waits for it.
    package func run<Value: Sendable>(_ body: @escaping @Sendable () -> Value) -> Value? {
        let result = Mutex<Value?>(nil)
        let (network, mounts) = (network, mounts)
        Threads.run {
            // A thread that shares its working directory with others may not leave their mounts.
            guard quake_unshare() == 0, quake_enter(network) == 0, quake_enter(mounts) == 0 else { return }
            let value = body()
            result.withLock { $0 = value }
        }
        return result.withLock { $0 }
    }

    /// Runs a shell's command in this network; whether it succeeded.
    package func command(_ text: String) -> Bool { run { Self.shell(text) == 0 } ?? false }

    /// The wait status of a shell's command; -1 where none could be started.
    static func shell(_ text: String) -> Int32 {
        var process = pid_t()
        let words: [String] = ["sh", "-c", text]
        var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) }
        arguments.append(nil)
        defer { for argument in arguments { free(argument) } }
        guard posix_spawn(&process, "/bin/sh", nil, nil, &arguments, environ) == 0 else { return -1 }
        var status: Int32 = -1
        waitpid(process, &status, 0)
        return status
    }
}
