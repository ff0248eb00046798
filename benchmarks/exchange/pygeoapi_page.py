"""Processor time in which pygeoapi gives a page of 100, run by the interpreter that has it.

PYTHON benchmarks/exchange/pygeoapi_page.py 100000

It serves points of a GeoJSON file by its own provider for such files, through Flask's test client.
"""

import json
import os
import random
import statistics
import sys
import tempfile
import time
from pathlib import Path

import yaml

PAGES = 5
PERSON = "name position address city stateorprovince postalcode country phone fax hours instructions".split()


def configured(path):
    """Return its configuration, with one collection."""
    person = dict.fromkeys(PERSON, "x") | {"email": "a@b", "url": "http://x", "role": "pointOfContact"}
    said = {"title": "t", "description": "d", "keywords": ["k"]}
    extents = {
        "spatial": {"bbox": [-180, -90, 180, 90], "crs": "http://www.opengis.net/def/crs/OGC/1.3/CRS84"}
    }
    provider = {"type": "feature", "name": "GeoJSON", "data": str(path), "id_field": "id"}
    server = {"bind": {"host": "127.0.0.1", "port": 5000}, "url": "http://x", "encoding": "utf-8"}
    server |= {"mimetype": "application/json; charset=UTF-8", "languages": ["en-US"]}
    server |= {
        "limits": {"default_items": 100, "max_items": 10_000},
        "map": {"url": "http://x", "attribution": "x"},
    }
    return {
        "server": server,
        "logging": {"level": "ERROR"},
        "metadata": {
            "identification": said | {"keywords_type": "theme", "terms_of_service": "x", "url": "http://x"},
            **{name: {"name": "x", "url": "http://x"} for name in ("license", "provider")},
            "contact": person,
        },
        "resources": {
            "places": {"type": "collection", **said, "extents": extents, "providers": [provider]},
        },
    }


def main():
    count, rng, place = int(sys.argv[1]), random.Random(1), Path(tempfile.mkdtemp())
    features = [
        {
            "type": "Feature",
            "id": str(number),
            "geometry": {"type": "Point", "coordinates": [rng.uniform(-140, -40), rng.uniform(42, 60)]},
            "properties": {"name": f"place {number % 1000}"},
        }
        for number in range(count)
    ]
    path = place / "places.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    for name, file in (("CONFIG", "config.yml"), ("OPENAPI", "openapi.yml")):
        os.environ[f"PYGEOAPI_{name}"] = str(place / file)
    (place / "config.yml").write_text(yaml.safe_dump(configured(path)))
    from pygeoapi.openapi import get_oas

    (place / "openapi.yml").write_text(yaml.safe_dump(get_oas(configured(path))))
    from pygeoapi.flask_app import APP

    client, home = APP.test_client(), "/collections/places/items?f=json&limit=100"

    def page(more):
        began = time.process_time()
        answer = client.get(home + more)
        took = 1e3 * (time.process_time() - began)
        assert answer.status_code == 200, answer.data[:500]
        return took

    took = statistics.median(page(f"&offset={100 * number}") for number in range(PAGES))
    print(
        f"pygeoapi, {count:,}: a page of 100 {took:.0f} ms, with a box {page('&bbox=-100,45,-99,55'):.0f} ms"
    )


if __name__ == "__main__":
    main()
