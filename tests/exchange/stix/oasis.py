"""OASIS's JSON schemas of STIX 2.1 and its interoperability profiles, as judges of what we write."""

import json
from functools import cache
from pathlib import Path

import pytest

DATA = Path(__file__).parents[4] / "shared/data/exchange/stix"
PROFILES = sorted((DATA / "interop").glob("*.json"))
SCHEMAS = {path.stem: path for path in sorted((DATA / "schemas").rglob("*.json"))}


@cache
def registry():
    """Return all schemas under the ids by which they point at each other."""
    import jsonschema_rs

    files = [*SCHEMAS.values(), *PROFILES]
    base = "http://raw.githubusercontent.com/oasis-open/cti-stix2-json-schemas/stix2.1/"
    found = [(base + str(path.relative_to(DATA)), json.loads(path.read_text())) for path in files]
    return jsonschema_rs.Registry([(where, {**schema, "$id": where}) for where, schema in found])


@cache
def validator(path):
    import jsonschema_rs

    base = "http://raw.githubusercontent.com/oasis-open/cti-stix2-json-schemas/stix2.1/"
    schema = json.loads(path.read_text()) | {"$id": base + str(path.relative_to(DATA))}
    return jsonschema_rs.Draft202012Validator(schema, registry=registry())


def faults(one, path=None):
    """Return what is wrong with an object by the schema of its type, or by another."""
    return [
        f"{one['id']}: {error.message[:300]}"
        for error in validator(path or SCHEMAS[one["type"]]).iter_errors(one)
    ]


def needed():
    if not PROFILES:
        pytest.skip("needs ../shared/data/exchange/stix")
