import QuakeBase
import Synchronization

/// A port of a pod on this machine's loopback, by `kubectl port-forward`: for a server that listens on its pod's own loopback,
/// which the API server's proxy does not reach.
///
///     a caller ─► 127.0.0.1:port ─ kubectl ─► API server ─► kubelet ─► 127.0.0.1 of the pod
///
/// kubectl ends with ``close()``, with the last reference, after ``longest``, and where the pod is gone. It would outlive this
/// process: ``PortForwards/closeAll()`` is for its end, and ``Leftovers`` for one that was killed.
package final class PortForward: Sendable {
    /// How long kubectl runs at most, whatever becomes of this process' own interest.
    package static let longest = Duration.seconds(3600)

    private enum State {
        case starting
        case open(port: Int)
        case ended(String)
    }

    /// What kubectl's lines say, shared with the task that reads them.
    private final class Progress: Sendable {
        private let state = Mutex(State.starting)
        private let lastError = Mutex("")

        var now: State { state.withLock { $0 } }

        func heard(_ stream: Kubectl.OutputStream, _ line: String) {
            if stream == .standardError, !line.isEmpty { lastError.withLock { $0 = line } }
            guard stream == .standardOutput, let port = PortForward.port(in: line) else { return }
            state.withLock { if case .starting = $0 { $0 = .open(port: port) } }
        }

        func ended(_ how: String) {
            let last = lastError.withLock { $0 }
            state.withLock { $0 = .ended(last.isEmpty ? how : "\(how): \(last)") }
        }
    }

    /// On 127.0.0.1.
    package let port: Int
    private let progress: Progress
    private let task: Task<Void, Never>

    private init(port: Int, _ progress: Progress, _ task: Task<Void, Never>) {
        self.port = port
        self.progress = progress
        self.task = task
    }

    deinit { task.cancel() }

    /// Whether kubectl still runs. It may not have noticed yet that the pod is gone.
    package var isOpen: Bool { if case .open = progress.now { true } else { false } }

    /// Starts kubectl, and returns once it listens.
    ///
    /// - Throws: `.timeout` if it does not listen in time, `.command` if it ends or cannot be started, `.cancelled`.
    package static func open(
        _ kubectl: Kubectl, namespace: String, pod: String, port: Int, within limit: Duration = .seconds(10),
        among all: PortForwards = .shared
    ) async throws(KubeError) -> PortForward {
        let progress = Progress()
        let arguments = [
            "port-forward", "--namespace", namespace, "--address", "127.0.0.1", "pod/\(pod)", ":\(port)",
        ]
        let task = all.add {
            do throws(KubeError) {
                let result = try await kubectl.run(arguments, timeout: longest) { progress.heard($0, $1) }
                progress.ended(result.exitCode.map { "kubectl ended with \($0)" } ?? "kubectl was ended")
            } catch {
                progress.ended("\(error)")
            }
        }
        let what = "port-forward to \(port) of pod \(namespace)/\(pod)"
        do {
            let own = try await poll(until: what, within: limit, every: .milliseconds(20)) { () -> Look<Int> in
                switch progress.now {
                case .starting: return .notYet("kubectl has said no port")
                case .open(let own): return .met(own)
                case .ended(let how): throw KubeError(.command, how, context: what)
                }
            }
            return PortForward(port: own, progress, task)
        } catch {
            task.cancel()
            // Its processes are gone when this throws.
            await task.value
            switch error {
            case let error as KubeError: throw error
            case let timeout as PollTimeout: throw KubeError(.timeout, "\(timeout)", context: kubectl.context)
            default: throw KubeError(.cancelled, "cancelled", context: what)
            }
        }
    }

    /// Ends kubectl, and returns when it is gone.
    package func close() async {
        task.cancel()
        await task.value
    }

    /// `Forwarding from 127.0.0.1:41337 -> 15000`; kubectl says no other line with its port.
    static func port(in line: String) -> Int? {
        let mark = "Forwarding from 127.0.0.1:"
        guard line.hasPrefix(mark) else { return nil }
        return Int(line.dropFirst(mark.count).prefix { $0.isNumber })
    }
}

/// The port-forwards of a process that are open or being opened.
package final class PortForwards: Sendable {
    package static let shared = PortForwards()

    private struct State {
        var last = 0
        var tasks: [Int: Task<Void, Never>] = [:]
    }

    private let state = Mutex(State())

    package init() {}

    fileprivate func add(_ body: @escaping @Sendable () async -> Void) -> Task<Void, Never> {
        state.withLock { state in
            state.last += 1
            let number = state.last
            let task = Task {
                await body()
                self.state.withLock { _ = $0.tasks.removeValue(forKey: number) }
            }
            state.tasks[number] = task
            return task
        }
    }

    /// Ends kubectl of each of them, and returns when it is gone.
    package func closeAll() async {
        let tasks = state.withLock { Array($0.tasks.values) }
        for task in tasks { task.cancel() }
        for task in tasks { await task.value }
    }
}
