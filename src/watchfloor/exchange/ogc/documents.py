"""Documents of OGC API: landing page, conformance, collections, and the OpenAPI 3.0 definition."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

import msgspec
import pyarrow as pa

from watchfloor.core.messages import Language, Message, declare, reason
from watchfloor.exchange.ogc import systems
from watchfloor.exchange.ogc.queries import MOST, PAGE
from watchfloor.exchange.ogc.snapshot import Snapshot
from watchfloor.exchange.ogc.systems import CRS84

JSON: Final = "application/json"
GEOJSON: Final = "application/geo+json"
SCHEMA: Final = "application/schema+json"
MVT: Final = "application/vnd.mapbox-vector-tile"
OPENAPI: Final = "application/vnd.oai.openapi+json;version=3.0"
CONFORMS: Final = (
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/oas30",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/geojson",
    "http://www.opengis.net/spec/ogcapi-features-2/1.0/conf/crs",
    *(
        f"http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/{name}"
        for name in ("core", "tileset", "tilesets-list", "geodata-tilesets", "mvt")
    ),
)
QUERYABLES: Final = "http://www.opengis.net/def/rel/ogc/1.0/queryables"
TILESETS: Final = "http://www.opengis.net/def/rel/ogc/1.0/tilesets-vector"
QUAD: Final = "WebMercatorQuad"
"""The tiling: squares of Web Mercator, of which each zoom has four times as many."""
GREGORIAN: Final = "http://www.opengis.net/def/uom/ISO-8601/0/Gregorian"

TITLES: Final[Mapping[str, Message]] = {
    name: declare(f"ogc.{name}")
    for name in (
        *("events", "tracks", "coverage", "towers", "patrols", "map-features", "scenes", "changes"),
        *("reports", "seizures", "detections", "weather", "alerts"),
    )
}
"""Names of the collections in words."""
ABOUT: Final = declare("ogc.about", "name")


def title(name: str, language: Language) -> str:
    """Return what a collection is called in words; its name, where nothing better is known."""
    return reason(TITLES[name]).render(language) if name in TITLES else name


def link(href: str, rel: str, type_: str = JSON, title_: str = "") -> dict[str, str]:
    """Return a link as the standard has it."""
    return {"href": href, "rel": rel, "type": type_, **({"title": title_} if title_ else {})}


def landing(home: str, name: str, language: Language) -> dict[str, Any]:
    """Return the landing page."""
    return {
        "title": name,
        "description": reason(ABOUT, name=name).render(language),
        "links": [
            link(f"{home}/", "self"),
            link(f"{home}/api", "service-desc", OPENAPI),
            link(f"{home}/conformance", "conformance"),
            link(f"{home}/collections", "data"),
        ],
    }


def collections(home: str, found: Iterable[tuple[str, Snapshot]], language: Language) -> dict[str, Any]:
    """Return the list of collections."""
    listed = [collection(home, name, one, language) for name, one in found]
    return {
        "links": [link(f"{home}/collections", "self")],
        "crs": list(systems.offered()),
        "collections": [one | {"crs": ["#/crs"]} for one in listed],
    }


def collection(home: str, name: str, snapshot: Snapshot, language: Language) -> dict[str, Any]:
    """Return the description of a collection."""
    here = f"{home}/collections/{name}"
    extent: dict[str, Any] = {}
    if snapshot.extent is not None:
        extent["spatial"] = {"bbox": [list(snapshot.extent)], "crs": CRS84}
        ends = [None if end is None else end.isoformat().replace("+00:00", "Z") for end in snapshot.span]
        extent["temporal"] = {"interval": [ends], "trs": GREGORIAN}
    return {
        "id": name,
        "title": title(name, language),
        "marking": snapshot.marking,
        **({"extent": extent} if extent else {}),
        "itemType": "feature",
        "crs": list(systems.offered()),
        "storageCrs": CRS84,
        "links": [
            link(here, "self"),
            link(f"{here}/items", "items", GEOJSON, title(name, language)),
            link(f"{here}/queryables", QUERYABLES, SCHEMA),
            link(f"{here}/tiles", TILESETS),
        ],
    }


def queryables(home: str, name: str, snapshot: Snapshot, language: Language) -> dict[str, Any]:
    """Return the properties that can be asked for, as a JSON schema (OGC 19-079r2)."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"{home}/collections/{name}/queryables",
        "type": "object",
        "title": title(name, language),
        "properties": {name: {"type": _type(column.type)} for name, column in snapshot.columns.items()},
        "additionalProperties": False,
    }


def _type(of: pa.DataType) -> str:
    if pa.types.is_boolean(of):
        return "boolean"
    if pa.types.is_integer(of):
        return "integer"
    return "number" if pa.types.is_floating(of) else "string"


def items(
    snapshot: Snapshot,
    rendered: Iterable[bytes],
    counts: tuple[int, int],
    links: list[dict[str, str]],
    at: str,
) -> Iterable[bytes]:
    """Yield a page of features, which stand in it as they were written."""
    matched, returned = counts
    head = {
        "type": "FeatureCollection",
        "marking": snapshot.marking,
        "timeStamp": at,
        "numberMatched": matched,
        "numberReturned": returned,
        "links": links,
    }
    yield msgspec.json.encode(head)[:-1] + b',"features":['
    yield b",\n".join(rendered)
    yield b"]}"


def definition(home: str, name: str, names: Iterable[str]) -> dict[str, Any]:
    """Return the OpenAPI 3.0 definition of what this reader may ask for."""
    documents = {
        "/": ("landing", "Landing page", "landingPage"),
        "/conformance": ("conformance", "Conformance classes", "confClasses"),
        "/collections": ("collections", "Collections", "collections"),
        f"/tileMatrixSets/{QUAD}": ("tiling", "Tiling of all tiles", "any"),
    }
    paths: dict[str, Any] = {
        path: {"get": _operation(id_, summary, schema, [])}
        for path, (id_, summary, schema) in documents.items()
    }
    for one in names:
        here, word = f"/collections/{one}", "".join(part.title() for part in one.split("-"))
        paths[here] = {"get": _operation(f"describe{word}", f"Collection {one}", "collection", [])}
        paths[f"{here}/queryables"] = {
            "get": _operation(f"queryables{word}", f"Queryables of {one}", "any", [])
        }
        paths[f"{here}/items"] = {
            "get": _operation(
                f"get{word}", f"Features of {one}", "featureCollectionGeoJSON", list(PARAMETERS)
            )
        }
        paths[f"{here}/items/{{featureId}}"] = {
            "get": _operation(
                f"get{word}Feature", f"One feature of {one}", "featureGeoJSON", ["featureId", "crs"]
            )
        }
        paths[f"{here}/tiles"] = {"get": _operation(f"tilesets{word}", f"Tilesets of {one}", "any", [])}
        paths[f"{here}/tiles/{QUAD}"] = {"get": _operation(f"tileset{word}", f"Tileset of {one}", "any", [])}
        paths[f"{here}/tiles/{QUAD}/{{tileMatrix}}/{{tileRow}}/{{tileCol}}"] = {
            "get": _operation(f"getTile{word}", f"Tile of {one}", "tile", list(TILE))
        }
    return {
        "openapi": "3.0.3",
        "info": {"title": name, "version": "1.0.0"},
        "servers": [{"url": home}],
        "paths": paths,
        "components": {
            "parameters": PARAMETERS | {"featureId": FEATURE_ID} | TILE,
            "schemas": SCHEMAS,
            "securitySchemes": {
                "partner": {"type": "http", "scheme": "basic"},
                "token": {"type": "http", "scheme": "bearer"},
            },
        },
        "security": [{"partner": []}, {"token": []}],
    }


def _operation(id_: str, summary: str, schema: str, parameters: list[str]) -> dict[str, Any]:
    media = MVT if schema == "tile" else GEOJSON if "GeoJSON" in schema else JSON
    refs = [{"$ref": f"#/components/parameters/{one}"} for one in parameters]
    content = {media: {"schema": {"$ref": f"#/components/schemas/{schema}"}}}
    wrong = {JSON: {"schema": {"$ref": "#/components/schemas/exception"}}}
    refusals = {"400": "a parameter is wrong", "401": "no key", "404": "nothing here"}
    return {
        "operationId": id_,
        "summary": summary,
        "parameters": refs,
        "responses": {
            "200": {"description": "the answer", "content": content},
            **{code: {"description": said, "content": wrong} for code, said in refusals.items()},
        },
    }


def _parameter(name: str, schema: dict[str, Any], description: str, explode: bool = True) -> dict[str, Any]:
    return {
        "name": name,
        "in": "query",
        "required": False,
        "description": description,
        "schema": schema,
        "style": "form",
        "explode": explode,
    }


_URI: Final = {"type": "string", "format": "uri", "default": CRS84}
_NUMBERS: Final = {
    "type": "array",
    "oneOf": [{"minItems": 4, "maxItems": 4}, {"minItems": 6, "maxItems": 6}],
    "items": {"type": "number"},
}
PARAMETERS: Final[dict[str, Any]] = {
    "limit": _parameter(
        "limit", {"type": "integer", "minimum": 1, "maximum": MOST, "default": PAGE}, "features of a page"
    ),
    "bbox": _parameter("bbox", _NUMBERS, "features that meet a box", explode=False),
    "bbox-crs": _parameter("bbox-crs", _URI, "system of the box"),
    "datetime": _parameter("datetime", {"type": "string"}, "an instant or an interval; its ends may be open"),
    "crs": _parameter("crs", _URI, "system of the features"),
    "next": _parameter("next", {"type": "string"}, "where a page goes on, as its link says"),
}
FEATURE_ID: Final = {"name": "featureId", "in": "path", "required": True, "schema": {"type": "string"}}
TILE: Final[dict[str, Any]] = {
    name: {"name": name, "in": "path", "required": True, "schema": {"type": "integer", "minimum": 0}}
    for name in ("tileMatrix", "tileRow", "tileCol")
}
_OBJECT: Final = {"type": "object"}
_LINKS: Final = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["href", "rel"],
        "properties": {name: {"type": "string"} for name in ("href", "rel", "type", "title")},
    },
}
SCHEMAS: Final[dict[str, Any]] = {
    "any": _OBJECT,
    "tile": {"type": "string", "format": "binary"},
    "landingPage": {"type": "object", "required": ["links"], "properties": {"links": _LINKS}},
    "confClasses": {
        "type": "object",
        "required": ["conformsTo"],
        "properties": {"conformsTo": {"type": "array", "items": {"type": "string"}}},
    },
    "collection": {
        "type": "object",
        "required": ["id", "links"],
        "properties": {"id": {"type": "string"}, "links": _LINKS},
    },
    "collections": {
        "type": "object",
        "required": ["links", "collections"],
        "properties": {
            "links": _LINKS,
            "collections": {"type": "array", "items": {"$ref": "#/components/schemas/collection"}},
        },
    },
    "featureGeoJSON": {
        "type": "object",
        "required": ["type", "geometry", "properties"],
        "properties": {
            "type": {"type": "string", "enum": ["Feature"]},
            "geometry": {"type": "object", "nullable": True},
            "properties": {"type": "object", "nullable": True},
            "id": {"type": "string"},
            "links": _LINKS,
        },
    },
    "featureCollectionGeoJSON": {
        "type": "object",
        "required": ["type", "features"],
        "properties": {
            "type": {"type": "string", "enum": ["FeatureCollection"]},
            "features": {"type": "array", "items": {"$ref": "#/components/schemas/featureGeoJSON"}},
            "links": _LINKS,
            "timeStamp": {"type": "string", "format": "date-time"},
            "numberMatched": {"type": "integer", "minimum": 0},
            "numberReturned": {"type": "integer", "minimum": 0},
        },
    },
    "exception": {
        "type": "object",
        "required": ["code"],
        "properties": {"code": {"type": "string"}, "description": {"type": "string"}},
    },
}
