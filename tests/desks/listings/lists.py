"""Listing rows for tests: fictitious entities, as few columns as the screener reads."""

import pyarrow as pa

from watchfloor.core.kinds import LISTING

FIELDS = ("list_id", "entity_id", "name", "schema", "instrument", "provision", "item", "in_force", "ceased")


def entity(
    entity_id, *names, schema="Person", weak=(), birth_dates=(), countries=(), ceased=None, list_id="TOY"
):
    published = [*((name, "strong") for name in names), *((name, "weak") for name in weak)]
    return {
        "list_id": list_id,
        "entity_id": entity_id,
        "name": published[0][0],
        "schema": schema,
        "instrument": "Toy Regulations",
        "provision": "Schedule 1",
        "item": entity_id,
        "in_force": None,
        "ceased": ceased,
        "birth_dates": list(birth_dates),
        "countries": list(countries),
        "names": [
            {"text": text, "role": "primary" if i == 0 else "alias", "strength": strength, "lang": None}
            for i, (text, strength) in enumerate(published)
        ],
    }


def table(rows):
    names = (*FIELDS, "birth_dates", "countries", "names")
    return pa.table(
        {name: pa.array([row[name] for row in rows], LISTING.schema.field(name).type) for name in names}
    )


TOY = [
    entity(
        "1",
        "Zarbek Tolunay",
        "Zarbek Ibn Tolunay",
        weak=["Zed"],
        birth_dates=["1971-05-02"],
        countries=["TR"],
    ),
    entity("2", "Abd al-Rahman al-Quzayni", birth_dates=["1960"]),
    entity("3", "Muhammad Yusuf Darwazi"),
    entity(
        "4", "Front of the Amber Dawn", "Amber Dawn Brigades", schema="Organization", weak=["FAD", "The Dawn"]
    ),
    entity("5", "Vellmar Shipping Company Limited", schema="Company"),
    entity("6", "Robert Kestlewood"),
    entity("7", "Kwon Dae Hyok"),
    entity("8", "Sultanbek Orazov", "Amber Dawn Brigades"),
]
