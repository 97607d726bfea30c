/// Texts of small plans.
enum PlanText {
    /// A valid plan with the steps given (YAML without the list's hyphen) and more top-level lines.
    static func minimal(steps: [String] = ["wait: 1s"], _ more: String = "") -> String {
        let list = steps.map { step in
            let lines = step.split(separator: "\n", omittingEmptySubsequences: false)
            return lines.enumerated().map { ($0 == 0 ? "  - " : "    ") + $1 }.joined(separator: "\n")
        }
        return """
            kind: Plan
            apiVersion: peerquake.dev/v1
            name: t
            clusters: [east, west]
            traffic: [{name: echo, url: "http://echo:8080/", from: east, to: west}]
            steps:
            \(list.joined(separator: "\n"))
            \(more)
            """
    }
}
