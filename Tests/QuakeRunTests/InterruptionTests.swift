import QuakeRun
import Testing

@testable import QuakeRun

@Suite("Interruptions", .timeLimit(.minutes(3)))
struct InterruptionTests {
    private let interruption = Interruption()

    @Test("keep their first cause")
    func first() {
        #expect(interruption.cause == nil)
        interruption.raise(.unrecorded("disk full"))
        interruption.raise(.signal(2))
        #expect(interruption.cause == .unrecorded("disk full"))
    }

    @Test("take an abort for the trial whose steps are running, and for no other")
    func aborts() {
        interruption.raise(.abort("before the steps"))
        #expect(interruption.cause == nil)
        interruption.openToAborts()
        interruption.raise(.abort("out for 3 m"))
        #expect(interruption.closeToAborts() == "out for 3 m")
        // One that arrives as the trial ends belongs to none.
        interruption.raise(.abort("too late"))
        #expect(interruption.cause == nil)
        interruption.openToAborts()
        #expect(interruption.closeToAborts() == nil)
    }

    @Test("end the run by a signal that follows an abort")
    func signalAfterAbort() {
        interruption.openToAborts()
        interruption.raise(.abort("out for 3 m"))
        interruption.raise(.signal(15))
        #expect(interruption.closeToAborts() == nil)
        #expect(interruption.cause == .signal(15))
    }

    @Test("cancel what is running at the first signal, and clean-up only at the second")
    func levels() async throws {
        let steps = Task { [interruption] in
            try await interruption.interruptible { try await Task.sleep(for: .seconds(3600)) }
        }
        interruption.raise(.signal(2))
        await #expect(throws: CancellationError.self) { try await steps.value }

        var isDone = false
        try await interruption.interruptible(by: .urgent) {}
        isDone = true
        #expect(isDone && !interruption.isUrgent)

        let cleanUp = Task { [interruption] in
            try await interruption.interruptible(by: .urgent) { try await Task.sleep(for: .seconds(3600)) }
        }
        interruption.raise(.signal(2))
        await #expect(throws: CancellationError.self) { try await cleanUp.value }
        #expect(interruption.isUrgent)
    }
}
