/// The plan format as a JSON Schema, for editors. `Plan.load` checks more than a schema can say.
package enum PlanSchema {
    /// Of plans that name the standard actions.
    package static var json: String { json(actions: .standard) }

    /// JSON text of a schema of draft 2020-12, ending in a newline.
    package static func json(
        actions: ActionRegistry = .standard, expectations: ExpectationRegistry = .standard
    ) -> String {
        """
        {
          "$schema": "https://json-schema.org/draft/2020-12/schema",
          "$id": "https://peerquake.dev/schemas/plan-v1.json",
          "title": "Peerquake plan",
        \(plan),
          "$defs": {
        \(scalars),
        \(expectation(expectations)),
        \(steps(actions)),
        \(self.actions(actions))
          }
        }

        """
    }
}
