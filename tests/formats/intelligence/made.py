"""Objects of STIX as partners send them."""

import json

AUTHOR = "identity--8ae20dde-83d4-4218-88fd-41ef0dabf9d1"
AMBER_STRICT = "marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003"
GREEN = "marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da"
"""That of TLP 1."""
EMAIL = {
    "type": "email-addr",
    "spec_version": "2.1",
    "id": "email-addr--2d77a846-6264-5d51-b586-e43822ea1ea3",
}
EMAIL |= {"value": "John@example.com"}


def uuid(number):
    return f"{number:08x}-0000-4000-8000-000000000000"


def note(number=1, modified="2026-11-24T10:00:00.000Z", **more):
    """Return a note about an e-mail address."""
    return {
        "type": "note",
        "spec_version": "2.1",
        "id": f"note--{uuid(number)}",
        "created": "2026-11-20T08:00:00.000Z",
        "modified": modified,
        "abstract": f"note {number}",
        "content": "seen twice",
        "created_by_ref": AUTHOR,
        "object_refs": [EMAIL["id"]],
        **more,
    }


def bundle(*objects, **more):
    return {"type": "bundle", "id": f"bundle--{uuid(9)}", "objects": objects, **more}


def written(value):
    return json.dumps(value).encode()


def lines(*objects):
    return b"".join(written(one) + b"\n" for one in objects)


SAMPLE = written(bundle(EMAIL, note(1, object_marking_refs=[AMBER_STRICT]), note(2)))


EVENT = {
    "uuid": uuid(70),
    "info": "a boat at night",
    "date": "2026-11-24",
    "timestamp": "1764000000",
    "Orgc": {"name": "cert", "uuid": uuid(71)},
    "Tag": [{"name": "tlp:green"}],
    "Attribute": [
        {"uuid": uuid(72), "type": "email-src", "value": "A@example.org", "timestamp": "1764000000"},
        {
            "uuid": uuid(73),
            "type": "domain|ip",
            "value": "a.example|192.0.2.7",
            "timestamp": "1764000001",
            "Tag": [{"name": "tlp:red"}],
            "deleted": True,
        },
    ],
    "Object": [
        {
            "uuid": uuid(74),
            "name": "vessel",
            "timestamp": "1764000002",
            "ObjectReference": [{"referenced_uuid": uuid(72)}],
            "Attribute": [{"uuid": uuid(75), "type": "text", "value": "vessel:imo:9074729", "x": [1]}],
        }
    ],
}
"""An event of MISP."""
MISP = written({"Event": EVENT})
MANIFEST = written({uuid(70): {name: EVENT[name] for name in ("info", "timestamp", "Orgc", "Tag")}})
