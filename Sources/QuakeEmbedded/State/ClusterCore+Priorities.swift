import QuakeKube
import QuakeSim

/// PriorityClasses: pods show what they give. That pods of a higher priority go first, and that they take others' places, is
/// left out.
extension ClusterCore {
    /// The two that every cluster has. Their UIDs are fixed, so that what is drawn for other objects stays as it is.
    func bootPriorities() {
        for (index, name) in Validation.systemPriorities.keys.sorted().enumerated() {
            store.commit(
                .priorityClasses, ObjectKey("", name),
                [
                    "metadata": [
                        "name": .string(name), "uid": .string("00000000-0000-4000-8000-00000000000\(index + 1)"),
                        "creationTimestamp": render.stamp(sim.now), "generation": 1,
                    ],
                    "value": .int(Validation.systemPriorities[name] ?? 0), "preemptionPolicy": "PreemptLowerPriority",
                    "description": "Used for system critical pods.",
                ])
        }
    }

    /// Gives a pod's spec what its class says; one without a class, or whose class is not there, keeps what it has.
    func setPriority(_ spec: inout JSONValue) {
        guard let name = spec["priorityClassName"]?.stringValue, !name.isEmpty,
            let object = store[.priorityClasses, ObjectKey("", name)]
        else { return }
        spec["priority"] = object["value"] ?? 0
        spec["preemptionPolicy"] = object["preemptionPolicy"] ?? "PreemptLowerPriority"
    }
}

extension Validation {
    /// Their values are fixed.
    static let systemPriorities: [String: Int64] = [
        "system-cluster-critical": 2_000_000_000, "system-node-critical": 2_000_001_000,
    ]
    /// `HighestUserDefinablePriority`.
    private static let highestPriority = 1_000_000_000

    static func priorityClass(_ object: JSONValue, _ old: JSONValue?, _ problems: inout FieldProblems) {
        let value = object["value"]?.intValue ?? 0
        if object.name.hasPrefix("system-") {
            let reserved = "priority class names with 'system-' prefix are reserved for system use only. error: "
            let known = systemPriorities[object.name]
            if let known, known != Int64(value) {
                problems.forbidden(
                    "metadata.name", reserved + "value of \(object.name) PriorityClass must be \(known)")
            } else if known == nil {
                problems.forbidden(
                    "metadata.name", reserved + "\(object.name) is not a known system priority class")
            }
        } else if value > highestPriority {
            problems.forbidden("value", "maximum allowed value of a user defined priority is \(highestPriority)")
        }
        if let policy = object["preemptionPolicy"] {
            problems.oneOf("preemptionPolicy", policy, ["PreemptLowerPriority", "Never"])
        }
        guard let old else { return }
        // By this name, as the server writes it.
        if old["value"] != object["value"] { problems.forbidden("Value", "may not be changed in an update.") }
        problems.unchanged("preemptionPolicy", object["preemptionPolicy"], old["preemptionPolicy"])
    }
}
