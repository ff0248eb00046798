"""Small tables as CBP publishes them, for tests, and how they are read."""

import csv
from io import BytesIO, StringIO

from tests.formats.lists import DATA, public

from watchfloor.formats.base import Batch, Fault

STATISTICS = DATA / "statistics"
DRUGS = (
    *("FY", "Month (abbv)", "Component", "Region", "Land Filter", "Area of Responsibility", "Drug Type"),
    *("Count of Event", "Sum Qty (lbs)"),
)
ENCOUNTERS = (
    *("Fiscal Year", "Month Grouping", "Month (abbv)", "Land Border Region", "State", "Demographic"),
    *("Citizenship", "Title of Authority", "Encounter Count"),
)
BY_AREA = (
    *("Fiscal Year", "Month Grouping", "Month (abbv)", "Component", "Land Border Region"),
    *("Area of Responsibility", "AOR (Abbv)", "Demographic", "Citizenship", "Title of Authority"),
    *("Encounter Type", "Encounter Count"),
)
DRUG = dict(
    zip(
        DRUGS,
        (
            "2024",
            "OCT",
            "U.S. Border Patrol",
            "Northern Border",
            "Land Only",
            "SPOKANE SECTOR",
            "Fentanyl",
            "3",
            "4.5",
        ),
        strict=True,
    )
)
PEOPLE = dict(
    zip(
        ENCOUNTERS,
        ("2024", "FYTD", "JUN", "Northern Land Border", "VT", "Single Adults", "CANADA", "Title 8", "12"),
        strict=True,
    )
)
AT_AREA = dict(
    zip(
        BY_AREA,
        (
            *(
                "2023",
                "FYTD",
                "DEC",
                "Office of Field Operations",
                "Northern Land Border",
                "Boston Field Office",
            ),
            *("Boston", "Accompanied Minors", "BRAZIL", "Title 42", "Expulsions", "3"),
        ),
        strict=True,
    )
)


def table(*rows, columns=None, delimiter=",", end="\n"):
    """The bytes of a table; `columns` gives other names and another order."""
    columns = columns or {name: name for name in rows[0]}
    text = StringIO()
    writer = csv.writer(text, delimiter=delimiter, lineterminator=end)
    writer.writerow(columns)
    writer.writerows([row.get(name, "") for name in columns.values()] for row in rows)
    return text.getvalue().encode()


def read(form, data, name="t.csv"):
    """Rows and faults."""
    found = list(form.read(BytesIO(data), name))
    rows = [row for item in found if isinstance(item, Batch) for row in item.rows.to_pylist()]
    return rows, [item for item in found if isinstance(item, Fault)]


def published(name):
    """A real file of the public material."""
    return public(STATISTICS / name)
