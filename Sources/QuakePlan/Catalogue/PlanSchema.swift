/// The plan format as a JSON Schema, for editors. `Plan.load` checks more than a schema can say.
package enum PlanSchema {
    /// JSON text of a schema of draft 2020-12, ending in a newline.
    package static var json: String { json(expectations: .shipped) }

    /// The same for other kinds of expectations.
    package static func json(expectations: ExpectationRegistry) -> String {
        """
        {
          "$schema": "https://json-schema.org/draft/2020-12/schema",
          "$id": "https://peerquake.dev/schemas/plan-v1.json",
          "title": "Peerquake plan",
        \(plan),
          "$defs": {
        \(scalars),
        \(expectation(expectations)),
        \(steps),
        \(actions)
          }
        }

        """
    }
}
