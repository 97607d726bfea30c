/// The format of what `compare --json` writes as a JSON Schema. Version 1 of it may gain keys; it loses none and changes
/// no meaning.
package enum ComparisonSchema {
    /// JSON text of a schema of draft 2020-12, ending in a newline.
    package static var json: String {
        """
        {
          "$schema": "https://json-schema.org/draft/2020-12/schema",
          "$id": "https://peerquake.dev/schemas/comparison-v1.json",
          "title": "Comparison of Peerquake runs",
          "description": "What peerquake compare --json writes. Repeats are counted from 0.",
          "type": "object",
          "required": [
            "version", "verdict", "exitCode", "tests", "baseline", "candidate", "differences", "keys", "unmatched",
            "contrasts"
          ],
          "properties": {
            "version": {"const": 1},
            "verdict": {"$ref": "#/$defs/verdict"},
            "exitCode": {"enum": [0, 2, 3], "description": "2: no key has its match; 3: a key is worse."},
            "tests": {"type": "integer", "minimum": 0, "description": "How many were corrected together."},
            "withinRuns": {
              "const": true,
              "description": "Values of matrix keys are compared within the same runs; the plan's earlier one is the baseline."
            },
            "baseline": {"$ref": "#/$defs/side"},
            "candidate": {"$ref": "#/$defs/side"},
            "differences": {"type": "array", "items": {"$ref": "#/$defs/difference"}},
            "keys": {
              "type": "array", "items": {"$ref": "#/$defs/comparedKey"}, "description": "The worst first."
            },
            "unmatched": {"type": "array", "items": {"$ref": "#/$defs/unmatched"}},
            "contrasts": {"type": "array", "items": {"$ref": "#/$defs/contrast"}}
          },
          "$defs": {
        \(values),
        \(keys),
        \(rest)
          }
        }

        """
    }

    private static let values = """
            "verdict": {"enum": ["worse", "better", "same", "unknown"]},
            "measure": {"enum": ["recovery", "loss", "blackout", "onset", "latencyP50", "latencyP99"]},
            "sideName": {"enum": ["baseline", "candidate"]},
            "millis": {"type": "number", "description": "Milliseconds."},
            "probability": {"type": "number", "minimum": 0, "maximum": 1},
            "names": {"type": "object", "additionalProperties": {"type": "string"}},
            "count": {"type": "integer", "minimum": 0},
            "strings": {"type": "array", "items": {"type": "string"}},
            "side": {
              "type": "object",
              "required": ["runs", "leftOut"],
              "properties": {
                "runs": {"$ref": "#/$defs/strings", "description": "Their own names, in the order of their start."},
                "leftOut": {"type": "array", "items": {"$ref": "#/$defs/leftOut"}}
              }
            },
            "leftOut": {
              "type": "object",
              "required": ["run", "what", "why"],
              "properties": {
                "run": {"type": "string"},
                "repeatIndex": {"$ref": "#/$defs/count", "description": "Absent for a whole run."},
                "what": {"type": "string"},
                "why": {"type": "string"}
              }
            },
            "difference": {
              "type": "object",
              "required": ["setting", "baseline", "candidate"],
              "properties": {
                "setting": {"type": "string", "description": "One that the sides do not share."},
                "baseline": {"$ref": "#/$defs/strings"},
                "candidate": {"$ref": "#/$defs/strings"}
              }
            }
        """

    private static let keys = """
            "key": {
              "type": "object",
              "required": ["plan", "step", "peering", "lane", "cell", "versions", "nodes"],
              "properties": {
                "plan": {"type": "string"},
                "step": {"type": "string", "description": "The one that caused the fault."},
                "peering": {"enum": ["LoadBalancer", "NodePort", ""]},
                "lane": {"type": "string", "description": "traffic/connections"},
                "cell": {"$ref": "#/$defs/names", "description": "Values of the matrix but for peering."},
                "versions": {"$ref": "#/$defs/names"},
                "nodes": {"$ref": "#/$defs/names", "description": "How many each cluster has."}
              }
            },
            "comparedKey": {
              "type": "object",
              "required": [
                "key", "verdict", "reason", "baselineRepeats", "candidateRepeats", "baselineRepeatsWithLoss",
                "candidateRepeatsWithLoss", "moreRepeatsWithLossP", "measures"
              ],
              "properties": {
                "key": {"$ref": "#/$defs/key", "description": "What both sides share."},
                "across": {
                  "type": "array", "items": {"$ref": "#/$defs/acrossValues"},
                  "description": "Matrix keys and settings that differ; absent for none."
                },
                "verdict": {"$ref": "#/$defs/verdict"},
                "reason": {"type": "string"},
                "baselineRepeats": {"$ref": "#/$defs/count"},
                "candidateRepeats": {"$ref": "#/$defs/count"},
                "baselineRepeatsWithLoss": {"$ref": "#/$defs/count"},
                "candidateRepeatsWithLoss": {"$ref": "#/$defs/count"},
                "moreRepeatsWithLossP": {"$ref": "#/$defs/probability", "description": "Fisher's, uncorrected."},
                "measures": {"type": "array", "items": {"$ref": "#/$defs/figures"}}
              }
            },
            "acrossValues": {
              "type": "object",
              "required": ["name"],
              "properties": {
                "name": {"type": "string"},
                "baseline": {"type": "string", "description": "Absent where it is not set."},
                "candidate": {"type": "string", "description": "Absent where it is not set."}
              }
            },
            "figures": {
              "type": "object",
              "required": ["measure", "minimumEffectMillis"],
              "properties": {
                "measure": {"$ref": "#/$defs/measure"},
                "baseline": {"$ref": "#/$defs/summary"},
                "candidate": {"$ref": "#/$defs/summary"},
                "differenceMillis": {
                  "$ref": "#/$defs/millis", "description": "Hodges and Lehmann's, candidate minus baseline."
                },
                "differenceLowMillis": {"$ref": "#/$defs/millis"},
                "differenceHighMillis": {"$ref": "#/$defs/millis"},
                "effectSizeA": {"$ref": "#/$defs/probability", "description": "Vargha and Delaney's A."},
                "minimumEffectMillis": {"$ref": "#/$defs/millis", "description": "Nothing smaller is called worse."},
                "worseP": {"$ref": "#/$defs/probability", "description": "Absent where nothing was tested."},
                "worseAdjustedP": {"$ref": "#/$defs/probability", "description": "Holm-corrected."},
                "betterP": {"$ref": "#/$defs/probability"},
                "betterAdjustedP": {"$ref": "#/$defs/probability"}
              }
            },
            "summary": {
              "type": "object",
              "required": [
                "medianMillis", "medianIsCensored", "medianLowMillis", "medianHighMillis", "millis", "censored"
              ],
              "properties": {
                "medianMillis": {"$ref": "#/$defs/millis"},
                "medianIsCensored": {"type": "boolean", "description": "true: medianMillis is a lower bound."},
                "medianLowMillis": {"$ref": "#/$defs/millis", "description": "Of its 95 % bootstrap interval."},
                "medianHighMillis": {"$ref": "#/$defs/millis"},
                "millis": {"type": "array", "items": {"$ref": "#/$defs/millis"}, "description": "Of each repeat."},
                "censored": {
                  "type": "array", "items": {"$ref": "#/$defs/count"},
                  "description": "Indices into millis of those that are lower bounds."
                }
              }
            }
        """

    private static let rest = """
            "unmatched": {
              "type": "object",
              "required": ["key", "side", "repeats"],
              "properties": {
                "key": {"$ref": "#/$defs/key"},
                "side": {"$ref": "#/$defs/sideName", "description": "The one that has the key."},
                "repeats": {"$ref": "#/$defs/count"},
                "hint": {"type": "string", "description": "What prevents a match."},
                "across": {
                  "$ref": "#/$defs/strings", "description": "What --across must name for a match; absent for none."
                }
              }
            },
            "contrast": {
              "type": "object",
              "required": [
                "axis", "value", "reference", "place", "side", "measure", "pairs", "differenceMillis",
                "differenceLowMillis", "differenceHighMillis", "twoSidedP"
              ],
              "properties": {
                "axis": {"type": "string", "description": "A key of the matrix."},
                "value": {"type": "string"},
                "reference": {"type": "string", "description": "The value that it is compared with."},
                "place": {"type": "string", "description": "Where all else agrees."},
                "side": {"$ref": "#/$defs/sideName"},
                "measure": {"$ref": "#/$defs/measure"},
                "pairs": {"$ref": "#/$defs/count"},
                "differenceMillis": {"$ref": "#/$defs/millis", "description": "value minus reference."},
                "differenceLowMillis": {"$ref": "#/$defs/millis"},
                "differenceHighMillis": {"$ref": "#/$defs/millis"},
                "twoSidedP": {"$ref": "#/$defs/probability"}
              }
            }
        """
}
