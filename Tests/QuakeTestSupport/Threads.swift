import Glibc

/// Threads of their own for what blocks: the pool of Swift's tasks has one for each processor only.
enum Threads {
    /// Starts a thread that nobody waits for.
    static func start(_ body: @escaping @Sendable () -> Void) { pthread_detach(make(body)) }

    /// Runs `body` on a new thread, and waits for its end.
    static func run(_ body: @escaping @Sendable () -> Void) { pthread_join(make(body), nil) }

    private final class Body {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    private static func make(_ body: @escaping @Sendable () -> Void) -> pthread_t {
        var thread = pthread_t()
        let start: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = { body in
            guard let body else { return nil }
            Unmanaged<Body>.fromOpaque(body).takeRetainedValue().run()
            return nil
        }
        guard pthread_create(&thread, nil, start, Unmanaged.passRetained(Body(body)).toOpaque()) == 0 else {
            preconditionFailure("no thread could be started")
        }
        return thread
    }
}
