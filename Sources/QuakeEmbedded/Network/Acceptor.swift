import Glibc
import Synchronization

/// One thread that accepts for all gated listeners of the process. Some dozens of them: poll(2) does.
final class Acceptor: Sendable {
    private struct State {
        var handlers: [Int32: @Sendable (Int32) -> Void] = [:]
        /// Changes with the set of listeners.
        var edition = 0
        /// `nil` once it is to end.
        var thread: pthread_t?
    }

    private let state = Mutex(State())
    /// Written to whenever the set of listeners changes.
    private let wakeReader: Int32
    private let wakeWriter: Int32

    /// - Throws: `.socket` if the kernel has no more descriptors.
    init() throws(EmbeddedError) {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else {
            throw EmbeddedError(.socket, "no pipe", cause: String(cString: strerror(errno)))
        }
        (wakeReader, wakeWriter) = (ends[0], ends[1])
        for end in ends { _ = fcntl(end, F_SETFL, O_NONBLOCK) }
        var thread = pthread_t()
        // The thread keeps this alive until it is stopped.
        let me = Unmanaged.passRetained(self).toOpaque()
        state.withLock { state in
            pthread_create(
                &thread, nil,
                { me in
                    guard let me else { return nil }
                    Unmanaged<Acceptor>.fromOpaque(me).takeRetainedValue().run()
                    return nil
                }, me)
            state.thread = thread
        }
    }

    deinit {
        close(wakeReader)
        close(wakeWriter)
    }

    /// Ends the thread, and returns when it accepts no more: what connections are handed to may be shut down then.
    func stop() {
        let thread = state.withLock { state in
            defer { state = State() }
            return state.thread
        }
        guard let thread else { return }
        wake()
        pthread_join(thread, nil)
    }

    /// Calls `onAccept` on the acceptor's thread with each connection's descriptor, non-blocking.
    func add(_ listener: Int32, onAccept: @escaping @Sendable (Int32) -> Void) {
        state.withLock { state in
            state.handlers[listener] = onAccept
            state.edition += 1
        }
        wake()
    }

    /// No call for this listener begins after this returns, except one under way.
    func remove(_ listener: Int32) {
        state.withLock { state in
            state.handlers[listener] = nil
            state.edition += 1
        }
        wake()
    }

    private func wake() {
        var byte: UInt8 = 0
        write(wakeWriter, &byte, 1)
    }

    /// What poll(2) is given: made again only when the set of listeners has changed.
    private struct Polled {
        var edition = -1
        var entries: [pollfd] = []
        var drain = [UInt8](repeating: 0, count: 256)
    }

    private func run() {
        var polled = Polled()
        while state.withLock({ $0.thread != nil }) { acceptNext(&polled) }
    }

    /// Waits for connections, once. On its own: inlined into a loop without an end, the optimizer of Swift 6.3 leaves
    /// out the release of each turn's array.
    @inline(never)
    private func acceptNext(_ polled: inout Polled) {
        let known = polled.edition
        let news: (Int, [Int32])? = state.withLock {
            $0.edition == known ? nil : ($0.edition, Array($0.handlers.keys))
        }
        if let (edition, listeners) = news {
            polled.edition = edition
            polled.entries = ([wakeReader] + listeners).map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        }
        let (count, room) = (nfds_t(polled.entries.count), polled.drain.count)
        guard poll(&polled.entries, count, -1) > 0 else { return }
        if polled.entries[0].revents != 0 { while read(wakeReader, &polled.drain, room) > 0 {} }
        for entry in polled.entries.dropFirst() where entry.revents != 0 { acceptAll(entry.fd) }
    }

    private func acceptAll(_ listener: Int32) {
        while let handler = state.withLock({ $0.handlers[listener] }) {
            let descriptor = accept(listener, nil, nil)
            guard descriptor >= 0 else { return }
            _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
            _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
            var one: Int32 = 1
            setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<Int32>.size))
            handler(descriptor)
        }
    }
}
