/// The kinds of expectations that a plan may have. The composition root hands one down; a test may hand down another.
package struct ExpectationRegistry: Sendable {
    /// In the order in which messages, the schema and the reference list them; no two have the same key.
    package var declarations: [any ExpectationDeclaration.Type]

    package init(_ declarations: [any ExpectationDeclaration.Type]) { self.declarations = declarations }

    /// Those of this version.
    package static let standard = ExpectationRegistry([
        AvailabilityClaim.self, RecoveryClaim.self, BlackoutClaim.self, OnsetClaim.self, LatencyP99Claim.self,
        OutcomeClaim.self, NotReadyClaim.self, PropagationClaim.self,
    ])

    /// The keys under `expect`, in order, without `when`.
    package var keys: [String] { declarations.map { $0.key } }

    /// `nil` for a key that no declaration has.
    package subscript(key: String) -> (any ExpectationDeclaration.Type)? { declarations.first { $0.key == key } }
}
