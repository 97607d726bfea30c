/// What is told of waits that take long, so that nobody looks at a silent terminal.
package enum Waits {
    /// Gets one line of words.
    ///
    /// A type of its own, because a task-local value of a function type crashes in a release build: Swift 6.3's optimizer passes no
    /// metadata of it to `swift_task_localValuePush`.
    package struct Listener: Sendable {
        private let hear: @Sendable (String) -> Void

        package init(_ hear: @escaping @Sendable (String) -> Void) { self.hear = hear }

        /// Tells it one line.
        package func callAsFunction(_ words: String) { hear(words) }
    }

    /// Who is told; `nil`: nobody. A command binds it around its work.
    @TaskLocal package static var listener: Listener?

    /// A wait is told of when it has taken so long, and from then on each ``interval``.
    package static let patience = Duration.seconds(5)
    package static let interval = Duration.seconds(15)

    /// `waiting for west: the mesh, 20 of at most 180 s: peerquake/gateway`.
    ///
    /// - Parameter last: what was last seen; empty where nothing is known.
    package static func words(_ awaited: String, _ elapsed: Duration, of limit: Duration, last: String = "") -> String {
        "waiting for \(awaited), \(elapsed.components.seconds) of at most \(limit.components.seconds) s"
            + (last.isEmpty ? "" : ": \(last)")
    }

    /// Carries out what cannot be looked at on its way, as a command, and tells meanwhile that it is waited for.
    ///
    /// - Parameters:
    ///   - awaited: what is waited for, in words.
    ///   - limit: when `body` ends by itself; for the words alone.
    package static func telling<Value>(
        _ awaited: String, within limit: Duration, _ body: () async throws -> Value
    ) async rethrows -> Value {
        guard let listener else { return try await body() }
        let clock = ContinuousClock()
        let began = clock.now
        let heart = Task {
            var pause = patience
            while (try? await clock.sleep(for: pause)) != nil {
                listener(words(awaited, clock.now - began, of: limit))
                pause = interval
            }
        }
        defer { heart.cancel() }
        return try await body()
    }
}
