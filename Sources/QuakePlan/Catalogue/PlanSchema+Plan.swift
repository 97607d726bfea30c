extension PlanSchema {
    /// Members of the schema's root.
    static let plan = #"""
          "type": "object",
          "additionalProperties": false,
          "required": ["kind", "apiVersion", "name", "clusters", "traffic", "steps"],
          "properties": {
            "kind": {"const": "Plan"},
            "apiVersion": {"const": "peerquake.dev/v1"},
            "name": {"$ref": "#/$defs/name", "description": "The plan's own name, kebab-case."},
            "description": {"type": "string", "description": "One or two sentences for reports."},
            "clusters": {
              "description": "Names of the clusters that the plan may touch; --cluster binds them to contexts.",
              "type": "array", "minItems": 1, "uniqueItems": true, "items": {"type": "string"}
            },
            "vars": {
              "description": "Values that ${name} stands for in any scalar; --set replaces them.",
              "type": "object",
              "propertyNames": {"pattern": "^[A-Za-z0-9_-]+$"},
              "additionalProperties": {"type": ["string", "number", "boolean"]}
            },
            "matrix": {
              "description": "Trial settings and variables with several values; every combination is a trial.",
              "type": "object",
              "properties": {
                "peering": {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/peering"}},
                "nodeMonitorGracePeriod": {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/duration"}},
                "externalTrafficPolicy": {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/policy"}}
              },
              "additionalProperties": {
                "type": "array", "minItems": 1, "items": {"type": ["string", "number", "boolean"]}
              }
            },
            "peering": {"$ref": "#/$defs/peering", "description": "The peering method of all trials."},
            "nodeMonitorGracePeriod": {
              "$ref": "#/$defs/duration", "description": "The controller manager's flag in all trials."
            },
            "externalTrafficPolicy": {
              "$ref": "#/$defs/policy", "description": "Policy of the gateway's Service in all trials."
            },
            "traffic": {
              "description": "Requests that cross between clusters; a lane for each connection mode.",
              "type": "array", "minItems": 1, "items": {"$ref": "#/$defs/traffic"}
            },
            "hypothesis": {"$ref": "#/$defs/hypothesis"},
            "steps": {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/step"}},
            "repeat": {"$ref": "#/$defs/count", "description": "How often each combination is run."},
            "seed": {"$ref": "#/$defs/number", "description": "Seeds every random choice."},
            "settle": {
              "$ref": "#/$defs/duration",
              "description": "How long every slot must be good after the last bad one for a recovery to count. Default 10s."
            },
            "abort": {
              "description": "Ends the run early.",
              "type": "object", "additionalProperties": false, "required": ["outage"],
              "properties": {
                "outage": {"$ref": "#/$defs/duration", "description": "Longest outage of any lane that is tolerated."}
              }
            },
            "always": {
              "description": "Actions after the steps, however those ended. Default [restore-all].",
              "type": "array", "minItems": 1, "items": {"$ref": "#/$defs/alwaysStep"}
            },
            "restoreWithin": {
              "$ref": "#/$defs/duration",
              "description": "How long after their fault killed nodes are restored, even if the runner is gone."
            },
            "expect": {
              "description": "What must hold; the worst lane, trial and repeat decides.",
              "type": "array", "minItems": 1, "items": {"$ref": "#/$defs/expectation"}
            }
          }
        """#

    /// Definitions of scalars, traffic and hypothesis.
    static let scalars = #"""
            "name": {"type": "string", "pattern": "^([a-z0-9]([a-z0-9-]*[a-z0-9])?|.*\\$\\{.+\\}.*)$"},
            "duration": {
              "description": "90s, 1m30s, 250ms, 2h, 0.",
              "anyOf": [
                {"const": 0},
                {
                  "type": "string",
                  "pattern": "^(0|([0-9]+(\\.[0-9]{1,3})?(h|ms|m|s))+|.*\\$\\{.+\\}.*)$"
                }
              ]
            },
            "formula": {
              "description": "Of facts: ${gracePeriod} + 4s, 2 * ${monitorPeriod}, max(…).",
              "type": "string", "pattern": "[+*/(]| - "
            },
            "number": {
              "anyOf": [
                {"type": "integer", "minimum": 0}, {"type": "string", "pattern": "^([0-9]+|.*\\$\\{.+\\}.*)$"}
              ]
            },
            "count": {
              "anyOf": [
                {"type": "integer", "minimum": 1}, {"type": "string", "pattern": "^([0-9]+|.*\\$\\{.+\\}.*)$"}
              ]
            },
            "flag": {"anyOf": [{"type": "boolean"}, {"type": "string", "pattern": "^(true|false|.*\\$\\{.+\\}.*)$"}]},
            "variable": {"type": "string", "pattern": "\\$\\{.+\\}"},
            "peering": {"anyOf": [{"enum": ["LoadBalancer", "NodePort"]}, {"$ref": "#/$defs/variable"}]},
            "policy": {"anyOf": [{"enum": ["Cluster", "Local"]}, {"$ref": "#/$defs/variable"}]},
            "times": {
              "description": "An operator and a duration or a formula: <= 30s; or 0.",
              "anyOf": [
                {"const": 0},
                {"type": "string", "pattern": "^(0|(>=|<=|==|>|<) *[0-9a-z(].*|.*\\$\\{.+\\}.*)$"}
              ]
            },
            "traffic": {
              "type": "object", "additionalProperties": false, "required": ["name", "url", "from", "to"],
              "properties": {
                "name": {"$ref": "#/$defs/name"},
                "url": {
                  "type": "string", "pattern": "^(https?://|.*\\$\\{)",
                  "description": "Its host is mapped to the peer's balancer, so that it is the same everywhere."
                },
                "from": {"type": "string", "description": "The client's cluster."},
                "to": {"type": "string", "description": "The server's cluster; an answer by any other one is bad."},
                "rate": {
                  "type": "string", "pattern": "^([0-9.]+/(s|m|min)|.*\\$\\{.+\\}.*)$",
                  "description": "Requests of each lane: 50/s, 600/m. Default 50/s."
                },
                "connections": {
                  "description": "new: one per request; pooled: pinned keep-alive ones; stream: one long-lived.",
                  "type": "array", "minItems": 1, "uniqueItems": true,
                  "items": {"anyOf": [{"enum": ["new", "pooled", "stream"]}, {"$ref": "#/$defs/variable"}]}
                },
                "pooledConnections": {"$ref": "#/$defs/count", "description": "Default 4."},
                "deadline": {
                  "$ref": "#/$defs/duration", "description": "Answered later than this after its due time is bad. 250ms."
                },
                "timeout": {"$ref": "#/$defs/duration", "description": "The hard time-out. Default 2s."},
                "method": {
                  "enum": ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"],
                  "description": "Of new and pooled lanes; a stream's messages have their own method and body."
                },
                "headers": {"type": "object", "additionalProperties": {"type": ["string", "number", "boolean"]}},
                "body": {"type": ["string", "number", "boolean"], "description": "Of new and pooled lanes."},
                "expectStatus": {"$ref": "#/$defs/count", "description": "Any other status is bad. Default 200."},
                "caFile": {
                  "type": "string",
                  "description": "PEM authorities for an https URL, relative to the plan; else the system's."
                },
                "insecure": {"$ref": "#/$defs/flag", "description": "An https server is not verified."}
              }
            },
            "hypothesis": {
              "description": "What must hold before the first step, and again after healing.",
              "type": "object", "additionalProperties": false,
              "properties": {
                "baseline": {"$ref": "#/$defs/duration", "description": "Length of the clean stretch. Default 10s."},
                "availability": {
                  "type": "string", "pattern": "^([0-9.]+%|.*\\$\\{.+\\}.*)$", "description": "Default 100%."
                },
                "within": {"$ref": "#/$defs/duration", "description": "How long it is waited for; 3 baselines."}
              }
            }
        """#
}
