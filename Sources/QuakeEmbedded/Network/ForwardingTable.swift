import QuakeSim
import Synchronization

/// What kube-proxies know: the endpoints of each Service and how machines stand. Read at each connection, on any thread.
package final class ForwardingTable: Sendable {
    /// One endpoint.
    struct Target: Sendable, Equatable {
        var pod: String
        var node: String
        var address: String
        var serving: Bool
        var terminating: Bool

        var ready: Bool { serving && !terminating }
    }

    private struct State {
        var endpoints: [ObjectKey: [Target]] = [:]
        var machines: [String: Node.Machine] = [:]
        var addresses: [String: String] = [:]
        /// Node → what its kube-proxy last knew, while it is paused.
        var frozen: [String: [ObjectKey: [Target]]] = [:]
    }

    private let state = Mutex(State())

    func setEndpoints(_ service: ObjectKey, _ targets: [Target]) {
        state.withLock { $0.endpoints[service] = targets }
    }

    func removeService(_ service: ObjectKey) {
        state.withLock { $0.endpoints[service] = nil }
    }

    func setNodeAddress(_ node: String, _ address: String) {
        state.withLock { $0.addresses[node] = address }
    }

    func setMachine(_ node: Node, ending: MachineEnding) {
        state.withLock { state in
            state.machines[node.name] = node.machine
            state.frozen[node.name] = node.machine.isPaused ? state.frozen[node.name] ?? state.endpoints : nil
        }
    }

    func machine(_ node: String) -> Node.Machine { state.withLock { $0.machines[node] ?? Node.Machine() } }

    func address(of node: String) -> String? { state.withLock { $0.addresses[node] } }

    /// Those that kube-proxy on `node` forwards to: ready ones, of this node alone under `local`; where there is none,
    /// serving and terminating ones.
    ///
    /// - Parameter node: `nil` for a Service's own address, which no node's state touches.
    func targets(_ service: ObjectKey, at node: String?, local: Bool) -> [Target] {
        let known = state.withLock { state in
            node.flatMap { state.frozen[$0] }?[service] ?? state.endpoints[service] ?? []
        }
        let mine = local ? known.filter { $0.node == node } : known
        let ready = mine.filter(\.ready)
        return ready.isEmpty ? mine.filter { $0.serving && $0.terminating } : ready
    }

    /// Whether this node has a ready endpoint of its own: what a healthCheckNodePort answers.
    func hasLocalEndpoint(_ service: ObjectKey, at node: String) -> Bool {
        state.withLock { ($0.endpoints[service] ?? []).contains { $0.node == node && $0.ready } }
    }
}
