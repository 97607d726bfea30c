import QuakeKube

/// What a PodDisruptionBudget keeps: `maxUnavailable=1`, `minAvailable=50%`.
package struct BudgetLimit: Sendable, Equatable, CustomStringConvertible {
    /// The two fields, of which a budget has one.
    package enum Field: String, Sendable, CaseIterable {
        case maxUnavailable, minAvailable

        var other: Field { self == .maxUnavailable ? .minAvailable : .maxUnavailable }
    }

    package let field: Field
    /// Pods, or percent of the pods that are asked for.
    package let amount: Int
    package let isPercent: Bool

    /// One pod at a time.
    package static let one = BudgetLimit(field: .maxUnavailable, amount: 1, isPercent: false)

    private init(field: Field, amount: Int, isPercent: Bool) {
        self.field = field
        self.amount = amount
        self.isPercent = isPercent
    }

    /// `FIELD=NUMBER` or `FIELD=NUMBER%`; `nil` for anything else.
    package init?(_ text: String) {
        let sides = text.split(separator: "=", omittingEmptySubsequences: false)
        guard sides.count == 2, let field = Field(rawValue: String(sides[0])) else { return nil }
        let isPercent = sides[1].hasSuffix("%")
        let digits = isPercent ? sides[1].dropLast() : sides[1]
        guard let amount = Int(digits), digits.allSatisfy(\.isNumber), amount <= (isPercent ? 100 : 1000) else {
            return nil
        }
        self.init(field: field, amount: amount, isPercent: isPercent)
    }

    package var description: String { "\(field.rawValue)=\(amount)\(isPercent ? "%" : "")" }

    /// Of the field in a manifest.
    var value: JSONValue { isPercent ? .string("\(amount)%") : .int(Int64(amount)) }

    /// How many of so many healthy pods may go at once; negative where even all are too few. As the disruption
    /// controller rounds: both fields up (k8s.io/kubernetes, `pkg/controller/disruption/disruption.go`).
    package func spare(of replicas: Int) -> Int {
        let pods = isPercent ? (replicas * amount + 99) / 100 : amount
        return field == .maxUnavailable ? pods : replicas - pods
    }
}
