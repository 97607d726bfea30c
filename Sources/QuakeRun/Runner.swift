import QuakeArchive
import QuakeCluster
import QuakePlan
import QuakeProbe
package import QuakeTimeline

/// Carries a plan out: locks, observes, probes, breaks, heals, and records all of it.
package struct Runner: Sendable {
    let request: RunRequest

    package init(_ request: RunRequest) { self.request = request }

    /// Runs the plan. However it ends, everything that it changed is put back before this returns.
    ///
    /// - Returns: what the run itself has to say; verdicts about expectations come from the analysis of its archive.
    package func run() async -> (exit: PeerquakeExit, error: RunError?) {
        let recorder = RunRecorder(
            request.archive, clock: request.clock, lanes: request.lanes, listener: request.listener)
        recorder.event(.runStarted)
        do {
            let locks = try await Locks.take(request.clusters, holder: request.id) {
                [interruption = request.interruption] in
                interruption.raise(.lockLost($0))
            }
            var guarded = request
            guarded.clusters = locks.guarding(request.clusters)
            let result = await Runner(guarded).lockedRun(recorder)
            let isReleased = await locks.release()
            var exits = [result.exit]
            if !isReleased { exits.append(.cleanupIncomplete) }
            let loss = locks.lossWords.map { RunError(.unavailable, $0) }
            if let loss { exits.append(loss.exit) }
            return (PeerquakeExit.deciding(exits), loss ?? result.error)
        } catch {
            let problem = Self.runError(error)
            recorder.event(.note(problem.message))
            return (problem.exit, problem)
        }
    }

    static func runError(_ error: any Error) -> RunError {
        if let error = error as? PartialEffect { return runError(error.cause) }
        if let error = error as? RunError { return error }
        if let error = error as? ClusterError {
            return RunError(
                error.code == .unsupported || error.code == .guarded ? .unsupported : .faultNotInjected, "\(error)")
        }
        if error is CancellationError { return RunError(.interrupted, "interrupted") }
        return RunError(.harness, "\(error)")
    }

    private func lockedRun(_ recorder: RunRecorder) async -> (exit: PeerquakeExit, error: RunError?) {
        do {
            let session = try await Session.open(request, recorder)
            let result = await session.runTrials()
            await session.keepLogs()
            let failures = await session.healEverything()
            await session.close()
            var exits = [result.exit]
            if case .signal(let number) = request.interruption.cause {
                recorder.event(.interrupted(signal: number))
                // A trial that it cut off says that it was interrupted, and not by which signal.
                exits = exits.filter { $0 != .interrupted } + [number == 15 ? .terminated : .interrupted]
            }
            if failures > 0 { exits.append(.cleanupIncomplete) }
            return (PeerquakeExit.deciding(exits), result.error)
        } catch {
            let problem = Self.runError(error)
            return (problem.exit, problem)
        }
    }
}
