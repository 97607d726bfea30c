/// The format of what `audit --json` writes as a JSON Schema. Version 1 of it may gain keys; it loses none and changes no
/// meaning.
package enum AuditSchema {
    /// JSON text of a schema of draft 2020-12, ending in a newline.
    package static let json = """
        {
          "$schema": "https://json-schema.org/draft/2020-12/schema",
          "$id": "https://peerquake.dev/audit.schema.json",
          "title": "What peerquake audit --json writes",
          "type": "object",
          "required": [
            "version", "taken", "exitCode", "failOn", "allowUnchecked", "clusters", "findings", "ignored", "checks"
          ],
          "properties": {
            "version": {"const": 1},
            "taken": {"type": "string", "description": "When the snapshot was taken; RFC 3339, UTC."},
            "exitCode": {"enum": [0, 1, 2]},
            "failOn": {"$ref": "#/$defs/severity", "description": "The least severity that fails the audit."},
            "allowUnchecked": {"type": "boolean"},
            "clusters": {"type": "array", "items": {"$ref": "#/$defs/cluster"}},
            "findings": {"type": "array", "items": {"$ref": "#/$defs/finding"}, "description": "Worst first."},
            "ignored": {"type": "array", "items": {"$ref": "#/$defs/finding"}},
            "checks": {"type": "array", "items": {"$ref": "#/$defs/check"}, "description": "Each rule on each cluster."}
          },
          "$defs": {
            "severity": {"enum": ["note", "warning", "error"]},
            "cluster": {
              "type": "object",
              "required": ["name", "mesh"],
              "properties": {
                "name": {"type": "string"},
                "mesh": {"enum": ["standin", "istio", "solo", "none", "unknown"]},
                "kubernetes": {"type": "string", "description": "The API server's version."}
              }
            },
            "evidence": {
              "type": "object",
              "required": ["object", "field", "value"],
              "properties": {
                "object": {"type": "string", "description": "Kind namespace/name"},
                "field": {"type": "string"},
                "value": {"type": "string", "description": "As JSON, strings without quotation marks; absent."}
              }
            },
            "fix": {
              "type": "object",
              "required": ["command", "yaml"],
              "properties": {
                "command": {"type": "string", "description": "With FILE for where the YAML is."},
                "yaml": {"type": "string"}
              }
            },
            "finding": {
              "type": "object",
              "required": [
                "rule", "group", "severity", "cluster", "message", "practice", "why", "remedy", "meshes", "methods",
                "evidence"
              ],
              "properties": {
                "rule": {"type": "string"},
                "group": {
                  "enum": ["gateway", "budget", "nodepools", "peering", "istiod", "detection", "customisation"]
                },
                "severity": {"$ref": "#/$defs/severity"},
                "cluster": {"type": "string"},
                "message": {"type": "string"},
                "practice": {"type": "string"},
                "why": {"type": "string"},
                "remedy": {"type": "string"},
                "meshes": {"type": "array", "items": {"enum": ["standin", "istio", "solo"]}},
                "methods": {"type": "array", "items": {"enum": ["LoadBalancer", "NodePort"]}},
                "evidence": {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/evidence"}},
                "cost": {"type": "string", "description": "Absent where no formula is measured."},
                "fix": {"$ref": "#/$defs/fix"},
                "ignoredBecause": {"type": "string"}
              }
            },
            "check": {
              "type": "object",
              "required": ["rule", "cluster", "severity", "outcome"],
              "properties": {
                "rule": {"type": "string"},
                "cluster": {"type": "string"},
                "severity": {"$ref": "#/$defs/severity"},
                "outcome": {"enum": ["passed", "found", "not checked", "not applicable"]},
                "reason": {"type": "string", "description": "Why it was not checked, or is not applicable."}
              }
            }
          }
        }

        """
}
