import QuakePlan

/// What the command line knows of. It is decided here alone, and handed to whatever reads a plan.
enum Registries {
    static let expectations = ExpectationRegistry.shipped
}
