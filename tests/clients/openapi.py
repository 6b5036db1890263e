"""Holds real questions and answers of a bureau against its own description.

Standard input: {"document": …, "samples": [{"path", "method", "request", "status", "headers", "media", "body"}],
"values": [{"schema", "value"}]}. Fails with what does not fit; what no sample showed is a failure too.
"""

import json
import sys

from openapi_schema_validator import OAS31Validator, oas31_format_checker
from openapi_spec_validator import OpenAPIV31SpecValidator, validate

given = json.load(sys.stdin)
document = given["document"]
validate(document, cls=OpenAPIV31SpecValidator)
schemas = document["components"]["schemas"]
wrong, seen, done = [], set(), set()


def named(schema):
    """The schema with what it refers to, and the name it goes by."""
    if "$ref" not in schema:
        return schema, None
    name = schema["$ref"].rsplit("/", 1)[1]
    target = schemas[name]
    return {**target, "properties": {**target.get("properties", {}), **schema.get("properties", {})}}, name


def strict(schema, value, where, name=None):
    """Nothing may be there that the description does not say; remembers what was there."""
    schema, own = named(schema)
    name = own or name
    for one in schema.get("oneOf", []):
        tag = next(key for key, what in one["properties"].items() if "const" in what)
        if value.get(tag) == one["properties"][tag]["const"]:
            strict(one, value, where, f"{name}.{value[tag]}")
    if isinstance(value, dict):
        known, more = schema.get("properties", {}), schema.get("additionalProperties")
        for key, inner in value.items():
            if key in known:
                seen.add(f"{name}.{key}")
                strict(known[key], inner, f"{where}.{key}", f"{name}.{key}")
            elif more:
                strict(more, inner, f"{where}.{key}", f"{name}.*")
            elif known and "oneOf" not in schema:
                wrong.append(f"{where}.{key} is not described")
    elif isinstance(value, list) and "items" in schema:
        for index, inner in enumerate(value):
            strict(schema["items"], inner, f"{where}[{index}]", name)


def hold(schema, value, where):
    whole = {"components": {"schemas": schemas}, **schema}
    for error in OAS31Validator(whole, format_checker=oas31_format_checker).iter_errors(value):
        wrong.append(f"{where}: {error.json_path}: {error.message}")
    strict(schema, value, where)


for sample in given["samples"]:
    where = f"{sample['method']} {sample['path']} → {sample['status']}"
    operation = document["paths"].get(sample["path"], {}).get(sample["method"].lower())
    if operation is None:
        wrong.append(f"{where}: not described")
        continue
    answer = operation["responses"].get(str(sample["status"]))
    if answer is None:
        wrong.append(f"{where}: such an answer is not described: {sample['body']}")
        continue
    done.add((sample["path"], sample["method"].lower(), str(sample["status"])))
    for header, what in answer.get("headers", {}).items():
        if what["required"] and header.lower() not in sample["headers"]:
            wrong.append(f"{where}: no {header}")
    content = answer.get("content", {})
    if not content and sample["body"] is not None:
        wrong.append(f"{where}: a body that is not described")
    if content and sample["media"] not in content:
        wrong.append(f"{where}: comes as {sample['media']}")
    elif content:
        hold(content[sample["media"]]["schema"], sample["body"], where)
    if sample["request"] is not None and sample["status"] < 300:
        hold(operation["requestBody"]["content"]["application/json"]["schema"], sample["request"], f"{where} request")

for value in given["values"]:
    hold({"$ref": f"#/components/schemas/{value['schema']}"}, value["value"], value["schema"])

for path, operations in document["paths"].items():
    for method, operation in operations.items():
        good = [status for status in operation["responses"] if status < "400"]
        for status in good:
            if (path, method, status) not in done:
                wrong.append(f"no sample of {method} {path} → {status}")


def properties(name, schema):
    for key, inner in schema.get("properties", {}).items():
        yield f"{name}.{key}"
        yield from properties(f"{name}.{key}", inner)
        yield from properties(f"{name}.{key}", inner.get("items", {}))
    for one in schema.get("oneOf", []):
        tag = next(what["const"] for what in one["properties"].values() if "const" in what)
        yield from properties(f"{name}.{tag}", one)


for name, schema in schemas.items():
    wrong += [f"no sample shows {one}" for one in properties(name, schema) if one not in seen]

if wrong:
    sys.exit("\n".join(wrong))
print(f"{len(given['samples'])} samples, {len(seen)} properties")
