"""Texts of what people and programs rely on: commands, `--json`, the API, desks' answers, what is stored.

`tests/recorded/` keeps one line for each command, endpoint, desk, table and kind: `key: item; item`. A test
that finds another line fails and prints the items that differ. Where the change is meant:

    python -m tests.snapshots

runs those tests, which then write the lines that they find. Say so in the commit.
"""

import difflib
import os
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from hashlib import sha256
from pathlib import Path, PurePath
from typing import Any

import pyarrow as pa
import pytest

HERE = Path(__file__).parent / "recorded"
TESTS = "cli/test_commands.py desks/test_contract.py store/test_upgrade.py test_snapshots.py"
CHOSEN = "test_json_is_an_object or says_why or made_before or recorded"


def recorded(name: str, part: str | tuple[str, ...] = "") -> dict[str, str]:
    """Return the kept lines of a file that begin with `part`, by key."""
    lines = (HERE / name).read_text("utf-8").splitlines()
    return dict(line.split(": ", 1) for line in lines if line.startswith(part))


def check(name: str, found: Mapping[str, Iterable[str]], part: str | tuple[str, ...] = "") -> None:
    """Fail where lines are not those that are kept and begin with `part`; or, to record them, keep them."""
    kept, now = recorded(name, part), {key: "; ".join(items) for key, items in found.items()}
    if os.environ.get("WATCHFLOOR_RECORD"):
        others = {key: text for key, text in recorded(name).items() if key not in kept}
        lines = [f"{key}: {text}\n" for key, text in sorted((others | now).items())]
        (HERE / name).write_text("".join(lines), "utf-8", newline="\n")
    elif differing := [
        key for key in sorted(kept.keys() | now.keys()) if _items(kept, key) != _items(now, key)
    ]:
        said = [f"{HERE.name}/{name} has other lines for:"]
        for key in differing:
            before, after = _items(kept, key), _items(now, key)
            said += [key, *(f"  {line}" for line in difflib.ndiff(before, after) if line[0] in "-+")]
        said.append("If the change is meant: python -m tests.snapshots, and say so in the commit.")
        pytest.fail("\n".join(said), pytrace=False)


def _items(texts: Mapping[str, str], key: str) -> list[str]:
    """Return the items of a line, sorted: in which order acts of several commands come depends on the run."""
    return sorted(texts[key].split("; ")) if key in texts else []


def check_keys(name: str, keys: Iterable[str]) -> None:
    """Fail where a file has a line for something that is gone, or none for something new."""
    kept = recorded(name)
    check(name, {key: [kept.get(key, "not recorded")] for key in keys})


def commands(group: Any, words: tuple[str, ...] = ()) -> Iterator[tuple[str, list[str]]]:
    """Yield each command, and each group that takes any, with parameters as the tree of commands has them."""
    inside = getattr(group, "commands", {})
    if group.params or not inside:
        yield " ".join(words) or "watchfloor", [_parameter(one) for one in group.params]
    for name, command in inside.items():
        yield from commands(command, (*words, name))


def _parameter(one: Any) -> str:
    limits = {end: getattr(one.type, end, None) for end in ("min", "max")}
    default = one.default.as_posix() if isinstance(one.default, PurePath) else one.default
    limits["default"] = "computed" if callable(default) else None if default is False else default
    limits |= {"env": one.envvar, "times": None if one.nargs == 1 else one.nargs}
    option = one.param_type_name == "option"
    words = ["/".join((*one.opts, *one.secondary_opts)) if option else one.name.upper(), one.type.name]
    words += ["|".join(one.type.choices)] if hasattr(one.type, "choices") else []
    words += [word for word in ("required", "multiple", "hidden") if getattr(one, word, False)]
    return " ".join([*words, *(f"{word}={value!r}" for word, value in limits.items() if value is not None)])


def shape(values: list[Any], at: str = "") -> Iterator[str]:
    """Yield `path:types` of JSON values taken together, with keys in the order in which they are printed.

    No value is kept: ids and times are others in each run. A key that is an id, a time or a number is `*`.
    """
    objects = [one for one in values if isinstance(one, dict)]
    inside = [one for each in values if isinstance(each, list) for one in each]
    types = {"[]" if one == [] else "{}" if one == {} else _SCALARS.get(type(one), "") for one in values}
    if types := types - {""}:
        yield f"{at}:{'|'.join(sorted(types))}"
    named = [{_DATA.sub("*", key): value for key, value in one.items()} for one in objects]
    orders = sorted({tuple(one) for one in named}, key=lambda keys: (-len(keys), keys))
    for key in dict.fromkeys(key for keys in orders for key in keys):
        yield from shape([one[key] for one in named if key in one], f"{at}.{key}" if at else key)
    if inside:
        yield from shape(inside, f"{at}[]")


_SCALARS = {type(None): "null", bool: "boolean", int: "number", float: "number", str: "text"}
_DATA = re.compile(r"^.*([0-9a-f]{8}|\d{4}-\d\d).*$|^-?\d.*$")


def api(document: Mapping[str, Any]) -> Iterator[tuple[str, list[str]]]:
    """Yield each endpoint and each component of an OpenAPI document, with fields and their types."""
    for path, methods in document["paths"].items():
        for method, one in methods.items():
            items = [one["operationId"], *(["public"] if one.get("security") == [] else [])]
            for each in one["parameters"]:
                required = [each["name"]] if each.get("required") else []
                schema = {"properties": {each["name"]: each["schema"]}, "required": required}
                items += [f"{each['in']} {field}" for field in fields(schema)]
            for content in one.get("requestBody", {}).get("content", {}).values():
                items += [f"body {field}" for field in fields(content["schema"])]
            answers = one["responses"]["200"]["content"].values()
            yield (
                f"{method.upper()} {path}",
                [*items, *(f"gives {_type(each['schema']) if each else 'a file'}" for each in answers)],
            )
    for name, schema in document["components"]["schemas"].items():
        yield f"component {name}", list(fields(schema))


def fields(schema: Mapping[str, Any]) -> Iterator[str]:
    """Yield `name:type` of a JSON schema's properties, `name!:type` where it must be given."""
    for name, one in schema.get("properties", {}).items():
        yield f"{name}{'!' * (name in schema.get('required', ()))}:{_type(one)}"
    if "properties" not in schema:
        yield _type(schema)


def _type(schema: Mapping[str, Any]) -> str:
    """Return a type in short: the name of a component, the members of a union, bounds in brackets."""
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if "anyOf" in schema:
        return "|".join(_type(one) for one in schema["anyOf"])
    if "enum" in schema:
        return "|".join(map(repr, schema["enum"]))
    name = str(schema.get("type", "any"))
    if name == "array":
        name = f"{_type(schema.get('items') or {})}[]"
    elif isinstance(schema.get("additionalProperties"), dict):
        name = f"{{{_type(schema['additionalProperties'])}}}"
    bounds = [f"{key}={schema[key]}" for key in _BOUNDS if schema.get(key) not in (None, *_SURE)]
    return f"{name}({','.join(bounds)})" if bounds else name


_SURE = (2**53 - 1, 1 - 2**53)  # which the document states of every whole number
_BOUNDS = ("minimum", "exclusiveMinimum", "maximum", "minLength", "maxLength", "pattern", "format", "const")


def digest(rows: pa.Table) -> list[str]:
    """Return the number of rows of a table, and the start of a SHA-256 that other processors find too.

    Texts, ids, moments and whole numbers count as they are; numbers with a fraction, those in texts too, by
    six significant digits. Processors differ in the sixteenth: what is half-way between two numbers of six
    digits, as 0.1234565, would fall to either side. So each is rounded to twelve digits first, which brings
    it onto the middle, and then by the rule for middles (to even). What is below 1e-9 is 0.
    """
    text = repr([[_plain(value) for value in row.values()] for row in rows.to_pylist()])
    return [f"{rows.num_rows} rows", sha256(text.encode()).hexdigest()[:16]]


def _plain(value: Any) -> Any:
    if isinstance(value, dict | list):
        return [_plain(one) for one in (value.values() if isinstance(value, dict) else value)]
    return _six(value) if isinstance(value, float) else rounded(str(value))


def rounded(text: str) -> str:
    """Return a text with its longer fractions by six significant digits, see `digest`."""
    return re.sub(r"-?\d+\.\d{7,}(e-?\d+)?", lambda number: _six(float(number[0])), text)


def _six(value: float) -> str:
    return "0" if abs(value) < 1e-9 else f"{Decimal(f'{value:.11e}'):.5e}"


def columns(schema: pa.Schema) -> list[str]:
    """Return `name:type` of an Arrow schema's columns, `name!:type` where there is no null."""
    return [f"{one.name}{'!' * (not one.nullable)}:{one.type}" for one in schema]


def definitions(statements: Iterable[str]) -> dict[str, list[str]]:
    """Return the lines of SQL definitions by what they make, without comments; under `other` the rest."""
    made: dict[str, list[str]] = {}
    for statement in statements:
        lines = [" ".join(line.split()) for line in re.sub(r"--[^\n]*", "", statement).strip().splitlines()]
        named = re.match(r"CREATE (?:VIRTUAL )?(\w+) (?:IF NOT EXISTS )?(\w+)", lines[0])
        name = f"{named[1].lower()} {named[2]}" if named else "other"
        made.setdefault(name, []).extend(line.rstrip(",;") for line in lines)
    return made


def folders(roots: Iterable[Path]) -> dict[str, list[str]]:
    """Return the names of files by folder, each with digests as `#` and numbers as `9`."""
    files = (
        path.relative_to(root).as_posix() for root in roots for path in root.rglob("*") if path.is_file()
    )
    found: dict[str, set[str]] = {}
    for file in files:
        folder, _, name = re.sub(r"\b[0-9a-f]{2}(?=/)|[0-9a-f]{16,}", "#", file).rpartition("/")
        if not name.endswith(("-wal", "-shm")):
            found.setdefault(f"{folder}/", set()).add(re.sub(r"\d+", "9", name))
    return {folder: sorted(names) for folder, names in found.items()}


if __name__ == "__main__":
    os.environ |= {"WATCHFLOOR_RECORD": "1", "WATCHFLOOR_THOROUGH": "1"}
    files = [str(HERE.parent / name) for name in TESTS.split()]
    sys.exit(pytest.main(["-q", "-n", "0", "-p", "no:cacheprovider", "-k", CHOSEN, *files]))
