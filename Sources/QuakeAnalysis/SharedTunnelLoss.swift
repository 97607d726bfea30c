import QuakeBase

/// What a silent failure costs those whose streams share connections: the formulas of `tunnels: shared`.
///
/// Their source is the behaviour of ztunnel 1.27.9 (`src/proxy/pool.rs`, `src/proxy/h2.rs`), checked against recorded
/// runs of it:
///
///     silence ──► streams used up (S − kept) / rate ──► dial ── connect time-out ──► first failure, one each time-out
///        └──────► give-up: interval − since pong + time-out ──► all streams reset at once ──► dial …
///
/// Times count from the beginning of the silence. Requests come at a steady rate and hold their streams: a client that
/// hangs up frees nothing.
package struct SharedTunnelLoss: Sendable, Equatable {
    /// From a pong to the next ping.
    package var pingInterval: Duration
    /// From a ping that nobody answers to the reset of all streams.
    package var pingTimeout: Duration
    /// TCP's limit.
    package var connectTimeout: Duration
    /// How many streams a connection carries.
    package var streamLimit: Int

    /// ztunnel's values unless others are in force.
    package init(
        pingInterval: Duration = .seconds(10), pingTimeout: Duration = .seconds(20),
        connectTimeout: Duration = .seconds(10), streamLimit: Int = 100
    ) {
        self.pingInterval = pingInterval
        self.pingTimeout = pingTimeout
        self.connectTimeout = connectTimeout
        self.streamLimit = streamLimit
    }

    /// When all streams of the silent connection are reset: interval − since pong + time-out.
    ///
    /// - Parameter sincePong: from the last pong, or the opening, to the silence; 0 to the interval.
    package func giveUp(sincePong: Duration) -> Duration {
        max(.zero, pingInterval - sincePong) + pingTimeout
    }

    /// When the connection has no stream left, so that the next request dials: (limit − kept) / rate.
    ///
    /// - Parameters:
    ///   - rate: new requests for this connection, a second; positive.
    ///   - kept: streams that it carries already.
    package func usedUp(rate: Double, kept: Int = 0) -> Duration {
        .seconds(Double(max(0, streamLimit - kept)) / rate)
    }

    /// When the first dial after the silence begins: the earlier of ``giveUp(sincePong:)`` and ``usedUp(rate:kept:)``,
    /// up to 1 / rate later.
    package func redial(sincePong: Duration, rate: Double, kept: Int = 0) -> Duration {
        min(giveUp(sincePong: sincePong), usedUp(rate: rate, kept: kept))
    }

    /// When the first request fails in a silence that goes on: the earlier of the give-up, and a connect time-out after
    /// the streams are used up.
    package func firstFailure(sincePong: Duration, rate: Double, kept: Int = 0) -> Duration {
        min(giveUp(sincePong: sincePong), usedUp(rate: rate, kept: kept) + connectTimeout)
    }

    /// How many new requests are reset at the give-up: min(rate · give-up, limit − kept).
    package func resetTogether(sincePong: Duration, rate: Double, kept: Int = 0) -> Double {
        min(rate * giveUp(sincePong: sincePong).inSeconds, Double(max(0, streamLimit - kept)))
    }

    /// How many requests fail in a silence of some length, beside those that are reset together: one each connect
    /// time-out after the first dial, new requests and kept connections together; the rest hang until the return.
    package func failedDials(in silence: Duration, sincePong: Duration, rate: Double, kept: Int = 0) -> Int {
        let dialling = silence - redial(sincePong: sincePong, rate: rate, kept: kept)
        return max(0, Int(dialling.inSeconds / connectTimeout.inSeconds))
    }

    /// How long nothing gets through, at least, after a silence that ends by itself: until TCP sends again what was
    /// lost first, or until the give-up, whichever is sooner; a silence that outlasts the give-up costs itself.
    ///
    /// TCP's retransmissions follow 0.2 s · (2ᵏ − 1) after the first transmission (Linux, RTO_MIN), each up to 120 s
    /// after the one before.
    package func blackout(of silence: Duration, sincePong: Duration) -> Duration {
        var wait = Duration.milliseconds(200)
        var retransmission = wait
        while retransmission < silence {
            wait = min(wait * 2, .seconds(120))
            retransmission += wait
        }
        return max(silence, min(retransmission, giveUp(sincePong: sincePong)))
    }
}

// MARK: A gateway's node is killed, others live

extension SharedTunnelLoss {
    /// How long one tunnel whose gateway fell silent answers nobody, on average, of the time until `end`.
    ///
    ///     min(redial, end) + Σₖ qᵏ · clamp(end − redial − (k − 1) · attempt, 0, attempt),  k = 1, 2, …
    ///
    /// - Parameters:
    ///   - redial: when the first dial begins.
    ///   - attempt: how long a dial that fails takes.
    ///   - failing: q, the probability that a dial leads to what is dead; 0 to 1.
    package static func meanLoss(
        until end: Duration, redial: Duration, attempt: Duration, failing: Double
    ) -> Duration {
        var loss = min(redial, end)
        var begins = redial
        var probability = failing
        while begins < end, probability > 1e-6, attempt > .zero {
            loss += min(attempt, end - begins) * probability
            begins += attempt
            probability *= failing
        }
        return loss
    }

    /// The share of new requests that fail between the kill and `end`, by the peering method, on average of many
    /// trials; a single one's depends on which tunnels the victim carried.
    ///
    /// With NodePort each of N nodes has a tunnel, which one request in N takes. The dead node's own fails throughout.
    /// Another's leads to the dead gateway with probability 1/N where kube-proxy chooses the endpoint (policy
    /// Cluster), anew at each dial, and never with policy Local. Through a load balancer there is one tunnel; how
    /// probably the dead node carried it, and how probably a dial leads there again, is what ``PhaseLoss`` gives for
    /// one connection.
    ///
    /// - Parameters:
    ///   - rate: new requests of the source pod, a second.
    ///   - attempt: how long a dial that fails takes: the connect time-out, or the load balancer's if that is shorter.
    ///   - checkedOut: whether the load balancer has dropped the dead node before the first dial.
    package func meanShare(
        nodePort: Bool, local: Bool, gateways: Int, balanced: Int, until end: Duration, sincePong: Duration,
        rate: Double, attempt: Duration, checkedOut: Bool
    ) -> Double {
        let nodes = Double(max(1, gateways))
        let redial = redial(sincePong: sincePong, rate: nodePort ? rate / nodes : rate)
        let carried: Double
        let failing: Double
        if nodePort {
            carried = local ? 0 : 1 / nodes
            failing = carried
        } else {
            carried = PhaseLoss.expected(
                nodePort: false, local: local, checkedOut: false, gateways: gateways, balanced: balanced)
            failing = PhaseLoss.expected(
                nodePort: false, local: local, checkedOut: checkedOut, gateways: gateways, balanced: balanced)
        }
        let loss = Self.meanLoss(until: end, redial: redial, attempt: attempt, failing: failing)
        let alive = carried * loss.inSeconds / end.inSeconds
        return nodePort ? 1 / nodes + (nodes - 1) / nodes * alive : alive
    }
}
