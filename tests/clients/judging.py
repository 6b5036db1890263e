"""The findings of a filled sheet, worked out as docs/protocol.md tells another client to.

As a program: standard input is {"checklists": [text, ...], "cases": [{"sheet", "day", "findings"}]}; fails with the
cases whose findings are others.
"""

import hashlib
import json
import re
import sys
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal

PLAIN = re.compile(r"-?[0-9]+(\.[0-9]+)?")
ORDER = "ICBA"
COMPARE = {
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
    "eq": lambda a, b: a == b,
    "lt": lambda a, b: a < b,
    "le": lambda a, b: a <= b,
    "gt": lambda a, b: a > b,
    "ge": lambda a, b: a >= b,
}


def value_of(sheet, item, part):
    answer = sheet["answers"].get(item, {})
    return None if answer.get("not_applicable") else answer.get("parts", {}).get(part)


def holds(condition, sheet, here):
    [(kind, inner)] = condition.items()
    if kind == "all":
        return all(holds(one, sheet, here) for one in inner)
    if kind == "any":
        return any(holds(one, sheet, here) for one in inner)
    if kind == "not":
        return not holds(inner, sheet, here)
    value = value_of(sheet, inner.get("item", here), inner["part"])
    return value is not None and compares(inner["op"], value, inner.get("value", ""))


def compares(op, value, wanted):
    kind = value["kind"]
    if op in ("answered", "not_measured"):
        return op == "answered" or kind == "not_measured"
    if kind == "number":
        known = op in COMPARE and PLAIN.fullmatch(wanted)
        return bool(known) and COMPARE[op](Decimal(value["reading"]), Decimal(wanted))
    if op == "eq":
        return (kind == "yes_no" and wanted == ("yes" if value["yes"] else "no")) or (
            kind == "one" and wanted == value["choice"])
    return op == "has" and kind == "many" and wanted in value["choices"]


def applies(thing, key, sheet, here):
    return key not in thing or holds(thing[key], sheet, here)


def past_limits(part, reading, item, sheet):
    for limit in part.get("limits", []):
        if applies(limit, "applies_if", sheet, item["code"]):
            if not COMPARE[limit["cmp"]](Decimal(reading), Decimal(limit["value"])):
                yield {"reason": "out_of_limit", "part": part["key"], "reading": reading, "cmp": limit["cmp"],
                       "limit": limit["value"]}


def reasons(part, value, item, sheet, day):
    pair, key = (part["type"], value["kind"]), part["key"]
    if pair == ("yes_no", "yes_no") and not value["yes"]:
        yield {"reason": "no", "part": key}
    elif pair == ("count_pair", "count") and value["actual"] < value["required"]:
        yield {"reason": "too_few", "part": key, "required": value["required"], "actual": value["actual"]}
    elif pair == ("number", "number"):
        yield from past_limits(part, value["reading"], item, sheet)
    elif pair == ("series", "series"):
        for one in value["readings"]:
            yield from past_limits(part, one["reading"], item, sheet)
    elif part["type"] in ("one", "many") and value["kind"] in ("one", "many"):
        chosen = [value["choice"]] if value["kind"] == "one" else value["choices"]
        for choice in part["choices"]:
            if choice.get("fails") and choice["code"] in chosen:
                yield {"reason": "bad_choice", "part": key, "choice": choice["code"]}
    elif pair == ("expiry", "date") and date.fromisoformat(value["date"]) < day:
        yield {"reason": "expired", "part": key, "on": value["date"]}
    elif pair == ("date", "date") and "max_age_days" in part:
        if (day - date.fromisoformat(value["date"])).days > part["max_age_days"]:
            yield {"reason": "too_old", "part": key, "on": value["date"], "max_age_days": part["max_age_days"]}


def rounded(value, decimals):
    """At most so many digits after the point, no zeros at the end, no minus before zero."""
    finer = -value.as_tuple().exponent > decimals
    if finer:
        value = value.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_EVEN)
    return value.normalize() + 0


def worked_out(formula, item, sheet):
    [(kind, keys)] = formula.items()

    def number(key):
        value = value_of(sheet, item["code"], key) or {"kind": None}
        return {"number": lambda: Decimal(value["reading"]), "count": lambda: Decimal(value["actual"])}.get(
            value["kind"], lambda: None)()

    if kind == "mean":
        value = value_of(sheet, item["code"], keys) or {"kind": None}
        readings = [Decimal(one["reading"]) for one in value["readings"]] if value["kind"] == "series" else []
        if not readings:
            return None
        decimals = max(-one.as_tuple().exponent for one in readings)
        return rounded(sum(readings) / len(readings), decimals + 1)
    numbers = [number(key) for key in keys]
    if None in numbers:
        return None
    if kind == "sum":
        return rounded(sum(numbers), 28)
    if kind == "difference":
        return rounded(numbers[0] - numbers[1], 28)
    return rounded(numbers[0] / numbers[1], 3) if numbers[1] else None


def finding(checklist, item, sheet, day):
    answer = sheet["answers"].get(item["code"], {})
    here = item["code"]
    if item["level"] == "I" or not applies(item, "visible_if", sheet, here):
        return None
    if item.get("na_allowed") and answer.get("not_applicable"):
        return None
    asked = [part for part in item["parts"] if applies(part, "visible_if", sheet, here)]
    why = []
    for part in asked:
        value = value_of(sheet, here, part["key"])
        if value is not None:
            why += reasons(part, value, item, sheet, day)
    for part in asked:
        if part["type"] == "computed":
            value = worked_out(part["formula"], item, sheet)
            if value is not None:
                why += past_limits(part, f"{value:f}", item, sheet)
    if not why:
        return None
    levels = [one["level"] for one in item.get("escalations", []) if holds(one["when"], sheet, here)]
    level = max([item["level"], *levels], key=ORDER.index)
    handling = answer.get("handling", {})
    ready = [text["zh"] for text in item.get("problems", [])] + ["不符合：" + item["text"]["zh"]]
    made = {
        "checklist": checklist["code"],
        "item": here,
        "level": level,
        "problem": handling.get("problem") or ready[0],
        "reasons": why,
        "disposition": handling.get("disposition") or ("reported" if level in "AB" else "guided"),
    }
    made.update({key: handling[key] for key in ["deadline"] if key in handling})
    made.update({key: answer[key] for key in ["photos"] if answer.get(key)})
    return made


def findings(checklist, sheet, day):
    items = [item for section in checklist["sections"] for item in section["items"]]
    made = (finding(checklist, item, sheet, date.fromisoformat(day)) for item in items)
    return [one for one in made if one is not None]


def library(texts):
    return {hashlib.sha256(text.encode()).hexdigest(): json.loads(text) for text in texts}


if __name__ == "__main__":
    given = json.load(sys.stdin)
    checklists = library(given["checklists"])
    wrong, made = [], 0
    for case in given["cases"]:
        ours = findings(checklists[case["sheet"]["checklist"]["hash"]], case["sheet"], case["day"])
        made += len(ours)
        if ours != case["findings"]:
            wrong.append({"case": case, "ours": ours})
    if wrong:
        sys.exit(f"{len(wrong)} of {len(given['cases'])} differ; the first: {json.dumps(wrong[0], ensure_ascii=False)}")
    print(f"{len(given['cases'])} sheets, {made} findings")
