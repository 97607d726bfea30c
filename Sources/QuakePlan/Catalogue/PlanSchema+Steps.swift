extension PlanSchema {
    /// Definitions of steps, conditions and targets.
    static func steps(_ registry: ActionRegistry) -> String {
        let actions = registry.names
        let properties = actions.map { ##""\##($0)": {"$ref": "#/$defs/\##($0)"}"## }
        let oneOf = actions.map { #"{"required": ["\#($0)"]}"# }
        let always = actions.filter { $0 != ControlStep.parallel.rawValue }
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
                          "anyOf": [{"$ref": "#/$defs/duration"}, {"$ref": "#/$defs/formula"}],
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
                {"required": ["node"]}, {"required": ["pods"]}, {"required": ["endpoints"]}, {"required": ["drain"]},
                {"required": ["rollout"]}
              ],
              "properties": {
                "node": {"$ref": "#/$defs/nodeState"}, "pods": {"$ref": "#/$defs/pods"},
                "endpoints": {"$ref": "#/$defs/endpoints"}, "drain": {"$ref": "#/$defs/drainState"},
                "rollout": {"enum": ["complete"]},
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
                "carrying": {
                  "type": "string", "description": "A traffic: the node whose gateway carries its newest tunnel."
                },
                "dialled": {
                  "$ref": "#/$defs/flag",
                  "description": "Whether clients dial the node itself, as they do via NodePort."
                },
                "exclude": {"$ref": "#/$defs/texts", "description": "Names of nodes."},
                "count": {"$ref": "#/$defs/count", "description": "How many; all where it is missing."}
              }
            }
        """#
}
