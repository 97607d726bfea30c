import QuakeAudit
import QuakePlan
import QuakeReport

/// What the composition root hands down to the commands. The parser makes these by itself, so they cannot be given it when
/// they are made: it is bound to the task that carries a command line out.
struct Wiring: Sendable {
    @TaskLocal static var current = Wiring()

    /// What `run`, `soak`, `report`, `compare` and `audit` can write.
    var formats = FormatRegistry.standard
    /// What plans may name.
    var actions = ActionRegistry.standard
    var expectations = ExpectationRegistry.standard
    /// What `audit` checks.
    var rules = RuleRegistry.standard
    /// The path of the program whose own hidden commands host embedded clusters and guard runs; `nil` for this process's.
    var program: String?
}
