/// The format of `summary.json` as a JSON Schema. Version 1 of it may gain keys; it loses none and changes no meaning.
package enum SummarySchema {
    /// JSON text of a schema of draft 2020-12, ending in a newline.
    package static var json: String {
        """
        {
          "$schema": "https://json-schema.org/draft/2020-12/schema",
          "$id": "https://peerquake.dev/schemas/summary-v1.json",
          "title": "Summary of a Peerquake run",
          "description": "What a run leaves as summary.json. Trials are counted from 0.",
          "type": "object",
          "required": [
            "version", "run", "plan", "environment", "seed", "exitCode", "state", "expectations", "trials", "troubles",
            "facts"
          ],
          "properties": {
            "version": {"const": 1},
            "run": {"type": "string", "description": "The run's own, sortable name."},
            "plan": {"type": "string"},
            "environment": {"enum": ["embedded", "kind", "kubeconfig"]},
            "seed": {"type": "integer", "minimum": 0},
            "exitCode": {"$ref": "#/$defs/exitCode"},
            "state": {
              "enum": ["running", "closed", "broken-off"],
              "description": "running: figures so far; broken-off: the process died."
            },
            "expectations": {"type": "array", "items": {"$ref": "#/$defs/expectation"}},
            "trials": {"type": "array", "items": {"$ref": "#/$defs/trial"}},
            "troubles": {"type": "array", "items": {"$ref": "#/$defs/trouble"}},
            "options": {
              "type": "array",
              "description": "Values in force of the options that peerquake.yaml may have defaults of; absent in old archives.",
              "items": {"$ref": "#/$defs/option"}
            },
            "facts": {
              "type": "object", "additionalProperties": {"type": "string"},
              "description": "Versions, policies, health-check parameters."
            }
          },
          "$defs": {
        \(values),
        \(trials)
          }
        }

        """
    }

    private static let values = """
            "exitCode": {"enum": [0, 1, 2, 3, 4, 5, 64, 69, 70, 130, 143]},
            "millis": {"type": "number", "description": "Milliseconds."},
            "share": {"type": "number", "minimum": 0, "maximum": 1},
            "range": {"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2},
            "labels": {
              "type": "object", "additionalProperties": {"type": "string"}, "description": "The values of the matrix."
            },
            "expectation": {
              "type": "object",
              "required": ["claim", "line", "result", "worst", "selected"],
              "properties": {
                "claim": {"type": "string", "description": "As the plan says it."},
                "line": {"type": "integer", "description": "Of the plan."},
                "result": {"enum": ["pass", "fail", "inconclusive", "not applicable"]},
                "worst": {"type": "string", "description": "The value that decided, and where it was seen."},
                "selected": {"type": "integer", "minimum": 0, "description": "How many values were looked at."}
              }
            },
            "trouble": {
              "type": "object",
              "required": ["exitCode", "words"],
              "properties": {
                "exitCode": {"$ref": "#/$defs/exitCode"},
                "trial": {"type": "integer", "minimum": 0},
                "words": {"type": "string"}
              }
            },
            "hypothesis": {
              "type": "object",
              "required": ["moment", "held", "detail"],
              "properties": {
                "moment": {"enum": ["before", "after"]},
                "held": {"type": "boolean"},
                "detail": {"type": "string"}
              }
            }
        """

    private static let trials = """
            "trial": {
              "type": "object",
              "required": [
                "index", "repeatIndex", "labels", "peering", "availability", "suspectShare", "notReady", "faults",
                "failedDials", "judged", "hypotheses"
              ],
              "properties": {
                "index": {"type": "integer", "minimum": 0},
                "repeatIndex": {"type": "integer", "minimum": 0},
                "labels": {"$ref": "#/$defs/labels"},
                "peering": {"enum": ["LoadBalancer", "NodePort", ""]},
                "availability": {
                  "type": "object", "additionalProperties": {"$ref": "#/$defs/share"},
                  "description": "Good slots of those that count, for each lane."
                },
                "availabilityRange": {
                  "type": "object", "additionalProperties": {"$ref": "#/$defs/range"},
                  "description": "Least and most, of lanes where suspect slots could change it."
                },
                "suspectShare": {"$ref": "#/$defs/share"},
                "suspectReasons": {
                  "type": "array", "items": {"type": "string"},
                  "description": "Why slots are suspect, as far as it is known; a prober's stalls are one sentence. Absent where nothing is."
                },
                "notReady": {
                  "type": "array", "items": {"type": "string"},
                  "description": "Nodes; as cluster/node where two clusters have one of that name."
                },
                "faults": {"type": "array", "items": {"$ref": "#/$defs/fault"}},
                "failedDials": {"type": "integer", "minimum": 0},
                "judged": {"type": "boolean", "description": "false: the trial was cut off."},
                "hypotheses": {"type": "array", "items": {"$ref": "#/$defs/hypothesis"}},
                "disturbances": {
                  "type": "array", "items": {"$ref": "#/$defs/disturbance"},
                  "description": "The trial is disturbed: what others did to nodes. Absent where they did nothing."
                },
                "propagation": {
                  "type": "array", "items": {"$ref": "#/$defs/propagation"},
                  "description": "How soon changes were known. Absent where no step measured it."
                }
              }
            },
            "propagation": {
              "type": "object",
              "required": ["step", "cluster", "change", "direction", "view", "millis", "notBeforeMillis"],
              "properties": {
                "step": {"type": "string"},
                "cluster": {"type": "string", "description": "The one that was changed."},
                "change": {"enum": ["target", "endpoint"]},
                "direction": {"enum": ["added", "removed"]},
                "view": {"type": "string", "description": "Who was to know: a cluster's targets, a health check, or a lane."},
                "millis": {
                  "type": "array", "items": {"$ref": "#/$defs/millis"},
                  "description": "From each change that arrived until it was known, in their order."
                },
                "notBeforeMillis": {
                  "type": "array", "items": {"$ref": "#/$defs/millis"},
                  "description": "How long each change was waited for that did not arrive."
                }
              }
            },
            "disturbance": {
              "type": "object",
              "required": ["cluster", "node", "change", "atMillis"],
              "properties": {
                "cluster": {"type": "string"},
                "node": {"type": "string"},
                "change": {"enum": ["deleted", "cordoned", "uncordoned", "tainted", "untainted"]},
                "taints": {
                  "type": "array", "items": {"type": "string"},
                  "description": "Those that came or went, as key=value:Effect; absent for other changes."
                },
                "atMillis": {"$ref": "#/$defs/millis", "description": "From the trial's start."},
                "returnedMillis": {
                  "$ref": "#/$defs/millis", "description": "The same of when a deleted Node was there again, if it was."
                }
              }
            },
            "option": {
              "type": "object",
              "required": ["name", "value", "origin"],
              "properties": {
                "name": {"type": "string"},
                "value": {"type": "string", "description": "Several are separated by commas."},
                "origin": {"type": "string", "description": "An option, a variable, file:line:column, or default."}
              }
            },
            "fault": {
              "type": "object",
              "required": ["id", "step", "action", "targets", "effects"],
              "properties": {
                "id": {"type": "string", "description": "The step, or step/node."},
                "step": {"type": "string"},
                "action": {"type": "string"},
                "targets": {"type": "array", "items": {"type": "string"}},
                "sharesWindowWith": {
                  "type": "array", "items": {"type": "string"},
                  "description": "Ids of faults of parallel steps, whose window and effects are these; absent for none."
                },
                "detectionMillis": {"$ref": "#/$defs/millis", "description": "Until the node was NotReady."},
                "carriedTraffic": {
                  "type": "boolean",
                  "description": "Whether tunnels led through the nodes just before; absent where that is not known."
                },
                "effects": {"type": "array", "items": {"$ref": "#/$defs/effect"}}
              }
            },
            "effect": {
              "type": "object",
              "required": ["lane", "slots", "bad", "lossMillis", "blackoutMillis", "recoveryMillis", "recoveryIsCensored"],
              "properties": {
                "lane": {"type": "string"},
                "slots": {"type": "integer", "minimum": 0},
                "bad": {"type": "integer", "minimum": 0},
                "lossMillis": {"$ref": "#/$defs/millis", "description": "Bad slots times the probe interval."},
                "blackoutMillis": {"$ref": "#/$defs/millis", "description": "The longest outage of the window."},
                "onsetMillis": {"$ref": "#/$defs/millis", "description": "Absent where nothing was bad."},
                "recoveryMillis": {"$ref": "#/$defs/millis", "description": "From the fault until it stayed good."},
                "recoveryIsCensored": {"type": "boolean", "description": "true: recoveryMillis is a lower bound."},
                "latencyP99Millis": {"$ref": "#/$defs/millis"},
                "messagesLost": {
                  "type": "integer", "minimum": 0, "description": "With a stream's connections; absent on other lanes."
                },
                "lossRangeMillis": {
                  "$ref": "#/$defs/range", "description": "Least and most; absent where suspect slots could not change it."
                },
                "blackoutRangeMillis": {
                  "$ref": "#/$defs/range", "description": "The same of the longest outage."
                },
                "recoveryRangeMillis": {
                  "$ref": "#/$defs/range", "description": "The same of the recovery."
                },
                "recoveryRangeIsCensored": {
                  "type": "boolean", "description": "true: the end of recoveryRangeMillis is a lower bound."
                },
                "onsetBoundsMillis": {
                  "$ref": "#/$defs/range", "description": "By when the fault took effect; absent where not recorded."
                },
                "recoveryBoundsMillis": {
                  "$ref": "#/$defs/range", "description": "The same of the recovery."
                }
              }
            }
        """
}
