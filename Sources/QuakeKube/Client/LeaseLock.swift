import FoundationEssentials

/// The Lease that keeps two runs from breaking one cluster at the same time.
package struct LeaseLock: Sendable {
    package var kube: KubeClient
    package var path: ResourcePath
    /// Who holds it: the run's ID.
    package var holder: String
    /// A Lease that was not renewed for so long is dead.
    package var duration: Duration
    /// Of one request while it is held: well below `duration`, so that a server that hangs lets no Lease lapse.
    package var timeout: Duration

    package init(
        _ kube: KubeClient, holder: String, path: ResourcePath = .lease("kube-system", "peerquake-run"),
        duration: Duration = .seconds(15), timeout: Duration = .seconds(3)
    ) {
        self.kube = kube
        self.path = path
        self.holder = holder
        self.duration = duration
        self.timeout = timeout
    }

    /// Takes the Lease, at once if there is none or if it is this holder's own (recovery of its run), else after its
    /// holder has been seen not to renew it for `duration`.
    ///
    /// - Throws: `.locked`, with the holder's identity, if it is renewed while this watches.
    package func acquire() async throws(KubeError) {
        let clock = ContinuousClock()
        var seen: (holder: String, renewed: String, at: ContinuousClock.Instant)?
        while true {
            let lease: JSONValue
            do throws(KubeError) {
                lease = try await kube.get(path)
            } catch {
                guard error.code == .notFound else { throw error }
                if try await take({ () throws(KubeError) in try await kube.create(object(), at: path) }) { return }
                continue
            }
            let (other, renewed) = (LeaseView(lease).holder, LeaseView(lease).renewed)
            let last = seen ?? (other, renewed, clock.now)
            if last.holder != other || last.renewed != renewed, other != holder, !other.isEmpty {
                throw KubeError(.locked, "\(other) holds it and renews it", context: "\(path) at \(kube.context.name)")
            }
            seen = last
            // Its own age is not trusted: clocks differ. What counts is that nobody renews while this watches.
            if other == holder || other.isEmpty || clock.now - last.at >= duration {
                var next = object()
                next["metadata"] = lease.metadata
                let body = next
                if try await take({ () throws(KubeError) in try await kube.replace(body, at: path) }) { return }
                seen = nil
                continue
            }
            do {
                try await Task.sleep(for: min(.milliseconds(500), duration))
            } catch {
                throw KubeError(.cancelled, "cancelled", context: "\(path)")
            }
        }
    }

    /// `false` if somebody else was quicker.
    private func take(_ write: () async throws(KubeError) -> JSONValue) async throws(KubeError) -> Bool {
        do throws(KubeError) {
            _ = try await write()
            return true
        } catch {
            if error.code == .conflict || error.code == .alreadyExists || error.code == .notFound { return false }
            throw error
        }
    }

    private func object() -> JSONValue {
        let now = JSONValue.string(Self.microTime())
        return [
            "apiVersion": "coordination.k8s.io/v1", "kind": "Lease",
            "metadata": ["name": .string(path.name ?? ""), "namespace": .string(path.namespace ?? "")],
            "spec": [
                "holderIdentity": .string(holder), "leaseDurationSeconds": .int(max(1, duration.components.seconds)),
                "acquireTime": now, "renewTime": now,
            ],
        ]
    }

    /// RFC 3339 with exactly six decimals, as the API server's MicroTime wants it.
    private static func microTime() -> String {
        let now = Date.now.timeIntervalSince1970
        let whole = now.rounded(.down)
        let micros = String(Int(((now - whole) * 1e6).rounded(.down)))
        let text = Date(timeIntervalSince1970: whole).formatted(.iso8601).dropLast()
        return "\(text).\(String(repeating: "0", count: 6 - micros.count))\(micros)Z"
    }

    /// What one look at the Lease showed.
    package enum Sighting: Sendable, Equatable {
        /// It is this holder's, and renewed.
        case renewed
        case other(String)
        /// Nobody has it any more: somebody deleted or emptied it.
        case deleted
        /// It is not known: no answer, or an answer that says nothing of it.
        case unknown(String)
    }

    /// A client that gives up long before the Lease would lapse.
    private var hasty: KubeClient {
        KubeClient(
            kube.context, options: .init(timeout: timeout, connectTimeout: timeout, retryBudget: .zero))
    }

    /// Somebody else who has it; `nil` where nobody has, or this holder. Answers within `timeout`.
    package func otherHolder() async throws(KubeError) -> String? {
        do throws(KubeError) {
            let found = LeaseView(try await hasty.get(path)).holder
            return found.isEmpty || found == holder ? nil : found
        } catch {
            if error.code == .notFound { return nil }
            throw error
        }
    }

    /// Renews it if it is still this holder's; within twice `timeout`.
    package func look() async -> Sighting {
        do throws(KubeError) {
            try await renew()
            return .renewed
        } catch {
            switch error.code {
            case .locked: return error.cause.map { .other($0) } ?? .deleted
            case .notFound: return .deleted
            default: return .unknown("\(error)")
            }
        }
    }

    /// Renews once; within twice `timeout`.
    ///
    /// - Throws: `.locked` if it has another holder by now, whom `cause` names, or none.
    package func renew() async throws(KubeError) {
        let kube = hasty
        let lease = try await kube.get(path)
        let other = LeaseView(lease).holder
        guard other == holder else {
            throw KubeError(
                .locked, "\(other.isEmpty ? "another holder" : other) took it over",
                context: "\(path) at \(kube.context.name)", cause: other.isEmpty ? nil : other)
        }
        let change: JSONValue = [
            "metadata": ["resourceVersion": .string(lease.resourceVersion)],
            "spec": ["renewTime": .string(Self.microTime())],
        ]
        try await kube.patch(path, change)
    }

    /// Takes it where nobody has it, or this holder; at once, and within twice `timeout`.
    ///
    /// - Returns: `.renewed` where it was taken.
    package func takeIfFree() async -> Sighting {
        let seen = await look()
        guard seen == .deleted else { return seen }
        do throws(KubeError) {
            try await hasty.create(object(), at: path)
            return .renewed
        } catch {
            // One that is empty, or was made this moment: the next look tells.
            guard error.code == .alreadyExists else { return .unknown("\(error)") }
            return await look()
        }
    }

    /// Deletes the Lease if it is still this holder's. Idempotent.
    package func release() async throws(KubeError) {
        do throws(KubeError) {
            let lease = try await kube.get(path)
            guard LeaseView(lease).holder == holder else { return }
            try await kube.delete(path, uid: lease.uid)
        } catch {
            guard error.code == .notFound || error.code == .conflict else { throw error }
        }
    }
}
