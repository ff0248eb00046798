"""The OpenAPI 3.1 document of the API, made from the table of endpoints and their structs."""

import re
from collections.abc import Iterable, Sequence
from importlib.metadata import version
from typing import Any, Final

import msgspec

from watchfloor.console.endpoints.endpoint import Endpoint, Raw

PREFIX: Final = "/api/v1"
LANG: Final = "lang"
"""The language of sentences, which every request may say."""
SURE: Final = 2**53 - 1
"""Whole numbers up to here are the same in every reader of JSON (RFC 8259, section 6)."""

_REF: Final = "#/components/schemas/{name}"
_PROBLEM: Final = {
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "detail": {"type": "string", "description": "what is wrong and what to do, in a sentence"},
    },
}
_FAILS: Final = {
    "400": "the request cannot be read",
    "401": "no session, or it is over",
    "403": "the policy, the purpose or the CSRF token does not allow it",
    "404": "nothing of that name, or not for this reader",
    "405": "not by that method; `Allow` says by which",
    "408": "the body stopped coming",
    "409": "somebody else acted meanwhile; look, or say `anyway`",
    "410": "it was erased",
    "413": "the body is too long",
    "415": "the body is no JSON",
    "421": "the console does not answer to that host name",
    "422": "what was asked cannot be done; the sentence says why",
    "429": "too many requests; `Retry-After` says when",
    "500": "a mistake of ours, or what lies on the floor is damaged",
    "501": "a library of an extra that is not installed; the sentence says which",
    "502": "the OpenID provider does not answer as it should",
    "503": "another act is being written; `Retry-After` says when",
    "507": "the disk is full",
}

_LANG: Final = {
    "name": LANG,
    "in": "query",
    "description": "the language of sentences, in place of the session's",
    "schema": {"enum": ["en", "fr"]},
}
_FILE: Final = {
    "requestBody": {
        "required": True,
        "description": "the bytes of the file as they are",
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}


def document(endpoints: Sequence[Endpoint], name: str, cookie: str = "watchfloor") -> dict[str, Any]:
    """The document of a floor of that name, as JSON values; `cookie` is what a session's is called."""
    types = [one.gives for one in endpoints if one.gives is not Raw]
    schemas, components = msgspec.json.schema_components(
        [*types, *(one.asks for one in endpoints)], ref_template=_REF
    )
    _bound(components)
    shapes = dict(zip([*types, *(one.asks for one in endpoints)], schemas, strict=True))
    paths: dict[str, dict[str, Any]] = {}
    for one in endpoints:
        paths.setdefault(_path(one.path), {})[one.method.lower()] = _operation(one, shapes, components)
    return {
        "openapi": "3.1.0",
        "info": {"title": f"Watchfloor: {name}", "version": version("watchfloor")},
        "servers": [{"url": PREFIX}],
        "security": [{"bearer": []}, {"cookie": []}],
        "paths": paths,
        "components": {
            "schemas": {**components, "Problem": _PROBLEM},
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer"},
                "cookie": {"type": "apiKey", "in": "cookie", "name": cookie},
            },
        },
    }


def _path(path: str) -> str:
    """A path without what Starlette adds to a parameter's name."""
    return re.sub(r"\{(\w+):\w+\}", r"{\1}", path)


def _operation(one: Endpoint, shapes: dict[Any, Any], components: dict[str, Any]) -> dict[str, Any]:
    inside = re.findall(r"\{(\w+)\}", _path(one.path))
    properties, required = _fields(shapes[one.asks], components)
    said: dict[str, Any] = {
        "operationId": one.name,
        "summary": one.summary,
        "description": (one.call.__doc__ or "").strip(),
        "tags": [one.name.partition(".")[0]],
        "parameters": [
            {"name": name, "in": "path", "required": True, "schema": properties.get(name, {"type": "string"})}
            for name in inside
        ],
        "responses": _responses(one, shapes),
    }
    if one.public:
        said["security"] = []
    rest = {name: schema for name, schema in properties.items() if name not in inside}
    if one.method == "GET" or one.file:
        said["parameters"] += [
            {"name": name, "in": "query", "required": name in required, "schema": schema}
            for name, schema in rest.items()
        ]
        said |= _FILE if one.file else {}
    elif rest or required:
        body = {
            "type": "object",
            "properties": rest,
            "required": sorted(set(required) - set(inside)),
            "additionalProperties": False,
        }
        said["requestBody"] = {
            "required": bool(body["required"]),
            "content": {"application/json": {"schema": body}},
        }
    said["parameters"].append(_LANG)
    return said


def _bound(schema: Any) -> None:
    """State the bounds of whole numbers, beyond which `asking` refuses them."""
    if isinstance(schema, dict):
        if schema.get("type") == "integer" and not {"minimum", "exclusiveMinimum"} & schema.keys():
            schema["minimum"] = -SURE
        if schema.get("type") == "integer" and not {"maximum", "exclusiveMaximum"} & schema.keys():
            schema["maximum"] = SURE
        for value in schema.values():
            _bound(value)
    elif isinstance(schema, list):
        for value in schema:
            _bound(value)


def _fields(schema: dict[str, Any], components: dict[str, Any]) -> tuple[dict[str, Any], Iterable[str]]:
    """Properties of a struct's schema, followed through its reference, and those that must be given."""
    while "$ref" in schema:
        schema = components[schema["$ref"].rpartition("/")[2]]
    return schema.get("properties", {}), schema.get("required", ())


def _responses(one: Endpoint, shapes: dict[Any, Any]) -> dict[str, Any]:
    if one.gives is Raw:
        content: dict[str, Any] = {"*/*": {}}  # a file, of whatever type
    else:
        content = {"application/json": {"schema": shapes[one.gives]}}
    problem = {"application/problem+json": {"schema": {"$ref": _REF.format(name="Problem")}}}
    fails = {code: {"description": why, "content": problem} for code, why in _FAILS.items()}
    return {"200": {"description": one.summary, "content": content}, **fails}
