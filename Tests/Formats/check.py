"""Judges outputs with the readers that other tools use. Exits with 1 and a reason if one is not accepted."""

import csv
import json
import re
import sys


def openmetrics(path):
    from prometheus_client.openmetrics.parser import text_string_to_metric_families

    with open(path, encoding="utf-8") as file:
        families = list(text_string_to_metric_families(file.read()))
    assert families, "no family"
    assert all(family.documentation for family in families), "a family without help"
    assert all(family.samples for family in families), "a family without a sample"
    print(len(families), "families,", sum(len(family.samples) for family in families), "samples")


def schema(schema_path, path):
    import jsonschema

    with open(schema_path, encoding="utf-8") as file:
        wanted = json.load(file)
    with open(path, encoding="utf-8") as file:
        value = json.load(file)
    validator = jsonschema.Draft202012Validator
    validator.check_schema(wanted)
    problems = [f"{error.json_path}: {error.message}" for error in validator(wanted).iter_errors(value)]
    assert not problems, "\n".join(problems)
    # Nothing is written that the schema does not describe.
    closed = closing(wanted)
    problems = [f"{error.json_path}: {error.message}" for error in validator(closed).iter_errors(value)]
    assert not problems, "\n".join(problems)
    # A schema that accepts anything would prove nothing.
    for key in wanted["required"]:
        assert list(validator(wanted).iter_errors({name: value[name] for name in value if name != key})), key


def closing(schema):
    """The same schema without room for keys that it does not name."""
    if isinstance(schema, list):
        return [closing(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {name: closing(part) for name, part in schema.items()}
    if isinstance(schema.get("properties"), dict) and schema.get("type") == "object":
        closed.setdefault("additionalProperties", False)
    return closed


def markdown(path):
    with open(path, encoding="utf-8") as file:
        lines = file.read().split("\n")
    width = None
    rows = 0
    for line in lines:
        if not line.startswith("|"):
            width = None
            continue
        rows += 1
        cells = len(re.findall(r"(?<!\\)\|", line))
        assert width in (None, cells), line
        width = cells
    assert rows > 2, "no table"


def export(stem):
    with open(stem + ".ndjson", encoding="utf-8") as file:
        objects = [json.loads(line) for line in file]
    with open(stem + ".csv", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(objects) == len(rows), f"{len(objects)} objects, {len(rows)} rows"
    for one, row in zip(objects, rows):
        assert set(one) <= set(row), set(one) - set(row)
        assert None not in row and None not in row.values(), row
        assert {name for name, text in row.items() if text != ""} == set(one), (one, row)
    print(len(rows), "rows")


def sequence(path):
    lanes = {}
    with open(path, encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            lanes.setdefault((int(row["trial"]), int(row["lane"])), []).append(int(row["sequence"]))
    assert lanes, "no lane"
    for lane, numbers in lanes.items():
        assert numbers == list(range(len(numbers))), f"trial {lane[0]}, lane {lane[1]}: a gap or a repetition"
    print(len(lanes), "lanes,", sum(map(len, lanes.values())), "samples, none missing")


def memory(path):
    """Resident memory by minute, and how far it rose above what it was after five minutes (or half of the time)."""
    with open(path, encoding="utf-8") as file:
        rows = [[int(word) for word in line.split()] for line in file if len(line.split()) == 3]
    assert len(rows) > 5, "too short to say"
    first, last = rows[0][0], rows[-1][0]
    start = first + min(300, (last - first) // 2)
    after = [row for row in rows if row[0] >= start]
    print("| minute | runner, MB | clusters, MB |\n|---:|---:|---:|")
    shown = set()
    for row in rows:
        minute = (row[0] - first) // 60
        if minute % 5 == 0 and minute not in shown:
            shown.add(minute)
            print(f"| {minute} | {row[1] / 1024:.1f} | {row[2] / 1024:.1f} |")
    problems = []
    for name, column in (("runner", 1), ("clusters", 2)):
        growth = (max(row[column] for row in after) - after[0][column]) / 1024
        print(f"{name}: {growth:.1f} MB above the first five minutes at most")
        if growth > 10:
            problems.append(f"the {name}'s memory is not flat")
    assert not problems, "; ".join(problems)


if __name__ == "__main__":
    try:
        {f.__name__: f for f in (openmetrics, schema, markdown, export, sequence, memory)}[sys.argv[1]](*sys.argv[2:])
    except (AssertionError, ValueError) as error:
        sys.exit(f"{sys.argv[1]}: {error}")
