/// How long shared tunnels wait for what: ztunnel 1.27.9's values unless a setting says otherwise.
package struct TunnelTimes: Sendable, Equatable {
    /// From the first SYN until TCP is given up; neither the handshake nor the answer to a CONNECT has a limit
    /// (ztunnel's `src/proxy.rs`, 10 s).
    package var connectTimeout: Duration
    /// From the opening of a connection to its first ping, and from each pong to the next ping (ztunnel's
    /// `src/proxy/h2.rs`, `PING_INTERVAL`).
    package var pingInterval: Duration
    /// From a ping that nobody answers until its connection is given up (ztunnel's `src/proxy/h2.rs`, `PING_TIMEOUT`).
    package var pingTimeout: Duration
    /// From the latest stream's assignment until a connection takes no more of them (ztunnel's `src/config.rs`,
    /// `pool_unused_release_timeout`).
    package var idleRelease: Duration
    /// From SIGTERM until what is open ends, where no grace period is known (ztunnel's termination deadline).
    package var drain: Duration
    /// By how much tunnels end before the grace period that is known.
    package var drainMargin: Duration

    package init(
        connectTimeout: Duration = .seconds(10), pingInterval: Duration = .seconds(10),
        pingTimeout: Duration = .seconds(20), idleRelease: Duration = .seconds(300), drain: Duration = .seconds(5),
        drainMargin: Duration = .seconds(5)
    ) {
        self.connectTimeout = connectTimeout
        self.pingInterval = pingInterval
        self.pingTimeout = pingTimeout
        self.idleRelease = idleRelease
        self.drain = drain
        self.drainMargin = drainMargin
    }

    /// Every time multiplied by `factor`, which is positive: 0.1 is ten times as fast.
    package func scaled(by factor: Double) -> TunnelTimes {
        TunnelTimes(
            connectTimeout: connectTimeout * factor, pingInterval: pingInterval * factor,
            pingTimeout: pingTimeout * factor, idleRelease: idleRelease * factor, drain: drain * factor,
            drainMargin: drainMargin * factor)
    }

    /// From SIGTERM until open tunnels end: the grace period less ``drainMargin``, ``drain`` where none is set.
    ///
    /// - Parameter gracePeriod: `TERMINATION_GRACE_PERIOD_SECONDS`.
    package func drain(gracePeriod: Duration?) -> Duration {
        guard let gracePeriod else { return drain }
        return max(.zero, gracePeriod - drainMargin)
    }

    /// When a connection whose peer fell silent is given up, after the silence began: the rest of the interval to the
    /// next ping, and its time-out. From ``pingTimeout`` to ``pingInterval`` + ``pingTimeout``.
    ///
    /// - Parameter sincePong: how long before the silence the last pong came, or the connection was opened; 0 to
    ///   ``pingInterval``.
    package func giveUp(sincePong: Duration) -> Duration {
        max(.zero, pingInterval - sincePong) + pingTimeout
    }
}
