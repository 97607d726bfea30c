extension PlanSchema {
    /// Definitions of steps, conditions and targets.
    static var steps: String {
        let actions = ActionKind.allCases.map(\.rawValue)
        let properties = actions.map { ##""\##($0)": {"$ref": "#/$defs/\##($0)"}"## }
        let oneOf = actions.map { #"{"required": ["\#($0)"]}"# }
        let always = actions.filter { $0 != ActionKind.parallel.rawValue }
        let alwaysProperties = always.map { ##""\##($0)": {"$ref": "#/$defs/\##($0)"}"## }
        return #"""
                "step": {
                  "anyOf": [
                    {"const": "restore-all"},
                    {
                      "type": "object", "additionalProperties": false,
                      "oneOf": [
                        \#(oneOf.joined(separator: ",\n                "))
                      ],
                      "properties": {
                        "id": {"$ref": "#/$defs/name", "description": "For reference by later steps and expectations."},
                        "until": {"$ref": "#/$defs/until"},
                        "hold": {
                          "$ref": "#/$defs/duration",
                          "description": "From when `until` is met, else from the action's end, to the next step."
                        },
                        "expectOutage": {
                          "$ref": "#/$defs/flag", "description": "The step may cut all traffic."
                        },
                        "phase": {
                          "enum": ["random", "fixed"],
                          "description": "Whether a seeded random wait precedes the fault. Default random."
                        },
                        \#(properties.joined(separator: ",\n                "))
                      }
                    }
                  ]
                },
                "alwaysStep": {
                  "anyOf": [
                    {"const": "restore-all"},
                    {
                      "type": "object", "additionalProperties": false, "minProperties": 1, "maxProperties": 1,
                      "properties": {
                        \#(alwaysProperties.joined(separator: ",\n                "))
                      }
                    }
                  ]
                },
            """# + "\n" + parts
    }

    private static let parts = #"""
            "until": {
              "description": "Proves that the fault was injected.",
              "type": "object", "additionalProperties": false, "required": ["within"],
              "oneOf": [
                {"required": ["node"]}, {"required": ["pods"]}, {"required": ["endpoints"]}, {"required": ["drain"]}
              ],
              "properties": {
                "node": {"$ref": "#/$defs/nodeState"}, "pods": {"$ref": "#/$defs/pods"},
                "endpoints": {"$ref": "#/$defs/endpoints"}, "drain": {"$ref": "#/$defs/drainState"},
                "within": {"$ref": "#/$defs/duration"}
              }
            },
            "nodeState": {"enum": ["Ready", "NotReady", "Gone"]},
            "drainState": {"enum": ["finished", "blocked"]},
            "pods": {
              "type": "object", "additionalProperties": false, "required": ["hosting"],
              "oneOf": [{"required": ["ready"]}, {"required": ["pending"]}],
              "properties": {
                "hosting": {"$ref": "#/$defs/hosting"}, "ready": {"$ref": "#/$defs/number"},
                "pending": {"$ref": "#/$defs/number"}
              }
            },
            "endpoints": {
              "type": "object", "additionalProperties": false, "required": ["hosting", "ready"],
              "properties": {"hosting": {"$ref": "#/$defs/hosting"}, "ready": {"$ref": "#/$defs/number"}}
            },
            "hosting": {
              "description": "A part of the mesh, or NAMESPACE/KIND/NAME.",
              "anyOf": [
                {"enum": ["gateway", "istiod", "backend"]},
                {
                  "type": "string",
                  "pattern": "^[^/]+/(deployment|daemonset|statefulset|replicaset|pod)/[^/]+$|\\$\\{.+\\}"
                }
              ]
            },
            "texts": {"type": "array", "minItems": 1, "uniqueItems": true, "items": {"type": ["string", "number"]}},
            "cluster": {"type": "string", "description": "One of the plan's clusters."},
            "stepReference": {"type": "string", "description": "The nodes of an earlier step."},
            "nodes": {
              "description": "Every criterion must match, then exclude removes, then count picks by the seed.",
              "type": "object", "additionalProperties": false, "minProperties": 1,
              "properties": {
                "names": {"$ref": "#/$defs/texts"},
                "labels": {"type": "object", "additionalProperties": {"type": ["string", "number", "boolean"]}},
                "role": {"anyOf": [{"enum": ["control-plane", "worker"]}, {"$ref": "#/$defs/variable"}]},
                "zone": {"type": "string", "description": "Value of topology.kubernetes.io/zone."},
                "nodePool": {"type": "string", "description": "Value of karpenter.sh/nodepool."},
                "hosting": {"$ref": "#/$defs/hosting"},
                "exclude": {"$ref": "#/$defs/texts", "description": "Names of nodes."},
                "count": {"$ref": "#/$defs/count", "description": "How many; all where it is missing."}
              }
            }
        """#

    /// One definition for each action, by its name.
    static var actions: String {
        ActionKind.allCases.map { kind in
            let summary = ActionCatalogue.entries.first { $0.name == kind.rawValue }?.summary ?? ""
            return #"    "\#(kind.rawValue)": {"description": "\#(summary)", \#(body(of: kind))}"#
        }.joined(separator: ",\n")
    }

    private static func body(of kind: ActionKind) -> String {
        switch kind {
        case .cordon, .uncordon, .startNode, .restartNode: onNodes([])
        case .drain: onNodes([("timeout", "duration"), ("gracePeriod", "duration"), ("podSelector", "text")])
        case .killNode: onNodes([("how", "how")])
        case .blipNode: onNodes([("length", "duration")], required: ["length"])
        case .upgradeNodes: onNodes([("pause", "duration"), ("atOnce", "count"), ("drainTimeout", "duration")])
        case .expireNodePools:
            object(
                [
                    ("cluster", "cluster"), ("nodePools", "texts"), ("mode", "mode"), ("interval", "duration"),
                    ("provisioningTime", "duration"), ("terminationGracePeriod", "duration"),
                    ("expireAfter", "duration"),
                ], required: ["cluster", "nodePools"])
        case .setNodeMonitorGracePeriod:
            object([("cluster", "cluster"), ("to", "duration"), ("force", "flag")], required: ["cluster", "to"])
        case .deletePods: onWorkload([("count", "count"), ("gracePeriod", "duration")])
        case .rolloutRestart: onWorkload([])
        case .scale: onWorkload([("replicas", "number")], required: ["replicas"])
        case .apply: object([("cluster", "cluster"), ("file", "text")], required: ["cluster", "file"])
        case .wait: ##""$ref": "#/$defs/duration""##
        case .waitFor:
            onNodes(
                [
                    ("node", "nodeState"), ("pods", "pods"), ("endpoints", "endpoints"), ("drain", "drainState"),
                    ("within", "duration"),
                ], required: ["within"], allNodes: true)
        case .measurePropagation: object([("cluster", "cluster")], required: ["cluster"])
        case .parallel: ##""type": "array", "minItems": 1, "items": {"$ref": "#/$defs/step"}"##
        case .restoreAll: #""type": ["null", "object"], "maxProperties": 0"#
        }
    }

    private static func onNodes(
        _ keys: [(String, String)], required: [String] = [], allNodes: Bool = false
    ) -> String {
        let targets = [("cluster", "cluster"), ("nodes", "nodes"), ("step", "stepReference")]
        let cluster = allNodes ? #"["cluster"]"# : #"["cluster", "nodes"]"#
        return object(targets + keys, required: required)
            + #", "oneOf": [{"required": \#(cluster)}, {"required": ["step"]}]"#
    }

    private static func onWorkload(_ keys: [(String, String)], required: [String] = []) -> String {
        object([("cluster", "cluster"), ("hosting", "hosting")] + keys, required: ["cluster", "hosting"] + required)
    }

    private static func object(_ keys: [(name: String, type: String)], required: [String]) -> String {
        let properties = keys.map { #""\#($0.name)": \#(type($0.type))"# }.joined(separator: ", ")
        let names = required.map { "\"\($0)\"" }.joined(separator: ", ")
        return #""type": "object", "additionalProperties": false, "required": [\#(names)], "#
            + #""properties": {\#(properties)}"#
    }

    private static func type(_ name: String) -> String {
        func words(_ words: [String]) -> String {
            let list = words.map { "\"\($0)\"" }.joined(separator: ", ")
            return ##"{"anyOf": [{"enum": [\##(list)]}, {"$ref": "#/$defs/variable"}]}"##
        }
        return switch name {
        case "text": #"{"type": "string"}"#
        case "how": words(KillMethod.allCases.map(\.rawValue))
        case "mode": words(ExpireNodePools.Mode.allCases.map(\.rawValue))
        default: ##"{"$ref": "#/$defs/\##(name)"}"##
        }
    }
}
