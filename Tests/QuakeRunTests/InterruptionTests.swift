import QuakeRun
import Testing

@Suite("Interruptions")
struct InterruptionTests {
    @Test("keep their first cause")
    func first() {
        let interruption = Interruption()
        #expect(interruption.cause == nil)
        interruption.raise(.abort("too long"))
        interruption.raise(.signal(2))
        #expect(interruption.cause == .abort("too long"))
    }
}
