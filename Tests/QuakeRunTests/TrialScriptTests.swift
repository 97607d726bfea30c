import QuakeTimeline
import Testing

@testable import QuakeRun

@Suite("The script of a trial")
struct TrialScriptTests {
    private static let endings: [TrialScript.Ending] = [
        .done, .failed(RunError(.faultNotInjected, "failed")), .failed(RunError(.aborted, "aborted")),
        .cutOff(RunError(.interrupted, "interrupted")),
    ]

    /// Brings a script to a state by the shortest way.
    private static func script(in state: TrialScript.State) -> TrialScript {
        var script = TrialScript()
        while script.state != state { script.end(.done) }
        return script
    }

    @Test("goes through every state once where nothing goes wrong")
    func undisturbed() {
        var script = TrialScript()
        var seen = [script.state]
        while script.state != .over {
            script.end(.done)
            seen.append(script.state)
        }
        #expect(seen == TrialScript.State.allCases)
        #expect(script.problems.isEmpty)
    }

    @Test("goes to a documented successor, whatever ends a state", arguments: TrialScript.State.allCases.dropLast())
    func successors(state: TrialScript.State) {
        for ending in Self.endings {
            var script = Self.script(in: state)
            script.end(ending)
            #expect(state.successors.contains(script.state), "\(state) after \(ending)")
        }
    }

    @Test(
        "breaks nothing and cleans nothing up where the trial could not begin",
        arguments: [
            TrialScript.State.settings, .stable, .before,
        ])
    func neverBegun(state: TrialScript.State) {
        for ending in Self.endings.dropFirst() {
            var script = Self.script(in: state)
            script.end(ending)
            #expect(script.state == .over)
            #expect(script.problems.count == 1)
        }
    }

    @Test("runs always and healing however the steps and always end")
    func always() {
        for steps in Self.endings {
            for always in Self.endings {
                var script = Self.script(in: .steps)
                script.end(steps)
                #expect(script.state == .always)
                script.end(always)
                #expect(script.state == .healing)
            }
        }
    }

    @Test("asks for a clean stretch after healing, unless it was cut off")
    func after() {
        for ending in Self.endings {
            var script = Self.script(in: .healing)
            script.end(ending)
            let isCutOff = ending == Self.endings.last
            #expect(script.state == (isCutOff ? .over : .after))
        }
    }

    @Test("keeps problems in their order, and says once that it was cut off")
    func problems() {
        var script = Self.script(in: .steps)
        let cut = RunError(.interrupted, "interrupted")
        script.end(.cutOff(cut))
        script.end(.failed(RunError(.notCleanedUp, "always-1 failed")))
        script.end(.cutOff(cut))
        #expect(script.state == .over)
        #expect(script.problems.map(\.exit) == [.interrupted, .cleanupIncomplete])
    }
}
