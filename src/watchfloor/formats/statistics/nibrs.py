"""Incidents as police agencies of the United States report them: NIBRS documents (XML) of 4.2 and 2019.

One row for each report of a submission: an incident of group A, an arrest of group B, or that there was
nothing in a month. A later report of the same number takes the place of an earlier one; one that deletes it
stands for it, and says so. Codes are kept as the agency wrote them; the FBI's NIBRS user manual names them.

Of persons no age, sex, race, ethnicity, residence or relationship is read, and no motive of bias: only how
many victims of which category and how many offenders there were. Times state no zone and are taken as UTC.
"""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any, BinaryIO, Final

import pyarrow as pa
from lxml import etree

from watchfloor.core.kinds import INCIDENT
from watchfloor.formats.base import Batch, Fault, Format, Head
from watchfloor.formats.xml_limits import RAW_BYTES, elements, head_text, local, text_of

CATEGORIES: Final = {
    "GROUP A INCIDENT REPORT": "incident",
    "GROUP B ARREST REPORT": "arrest",
    "ZERO REPORT": "zero",
}
ACTIONS: Final = {"I": "initial", "A": "add", "M": "modify", "R": "replace", "D": "delete"}
ROWS: Final = 1000
"""Rows of a batch."""

_ROOT: Final = re.compile(r"<(?:[\w.-]+:)?Submission[\s>]")


def sniff(head: Head) -> float:
    """Sure of a submission in a namespace of NIBRS."""
    text = head_text(head)
    return 0.95 if "http://fbi.gov/cjis/nibrs/" in text and _ROOT.search(text) else 0.0


def read(stream: BinaryIO, name: str) -> Iterator[Batch | Fault]:
    """Rows of `incident`. Raises `FormatError` where it is no submission."""
    rows: list[dict[str, Any]] = []
    number = 0
    for found in elements(stream, name, {"Report"}, {"Submission"}):
        if isinstance(found, Fault):
            yield from _batch(rows)
            rows = []
            yield found
        elif local(found) == "Report":
            number += 1
            locator = f"report {number}"
            try:
                rows.append(_report(found) | {"locator": locator})
            except ValueError as error:
                yield Fault(locator, f"{error}. Ask the agency for it again", _raw(found))
            if len(rows) == ROWS:
                yield from _batch(rows)
                rows = []
    yield from _batch(rows)


def piece(stream: BinaryIO, locator: str) -> bytes | None:
    """The report that a row was read from."""
    number = 0
    for found in elements(stream, "the delivery", {"Report"}, {"Submission"}):
        if not isinstance(found, Fault) and local(found) == "Report":
            number += 1
            if locator == f"report {number}":
                return etree.tostring(found, encoding="utf-8", with_tail=False)
    return None


def _batch(rows: list[dict[str, Any]]) -> Iterator[Batch]:
    if rows:
        yield Batch(INCIDENT, pa.Table.from_pylist(rows, INCIDENT.body))


def _raw(report: etree._Element) -> bytes:
    return etree.tostring(report, encoding="utf-8", with_tail=False)[:RAW_BYTES]


def _report(report: etree._Element) -> dict[str, Any]:
    """Return the columns of a report. Raises `ValueError` where what all need is not there or is no value."""
    category = _coded(report, "NIBRSReportCategoryCode", CATEGORIES)
    action = _coded(report, "ReportActionCategoryCode", ACTIONS)
    agency = _text(report, "ReportHeader", "OrganizationORIIdentification", "IdentificationID")
    if not agency:
        raise ValueError("the reporting agency's ORI is missing")
    period = _text(report, "ReportHeader", "ReportDate", "YearMonthDate")
    month = _checked("ReportDate", period, lambda text: date.fromisoformat(f"{text[:7]}-01"))
    arrests = [_arrest(one) for one in _all(report, "Arrest")]
    incident = _text(report, "Incident", "ActivityIdentification", "IdentificationID")
    known = _date(report, "Incident", "ActivityDate")
    number, at = incident, known
    if category == "arrest":
        number = next((one["number"] for one in arrests), incident)
        at = next((_midnight(one["on"]) for one in arrests if one["on"]), known)
    if not number and category != "zero":
        raise ValueError(f"the number of the {category} is missing")
    at = at or (_midnight(month) if month else None)
    if at is None:
        raise ValueError("neither the day of it nor the month of the report is stated")
    key = f"zero {period}" if category == "zero" else f"{category} {number}"
    cleared = _text(report, "IncidentExceptionalClearanceCode")
    return {
        "report_key": f"{agency}/{key}",
        "observed_at": at,
        "agency": agency,
        "number": number or None,
        "category": category,
        "action": action,
        "period": period or None,
        "by_report": _flag(report, "IncidentReportDateIndicator"),
        "cargo_theft": _flag(report, "OffenseCargoTheftIndicator"),
        "cleared": None if cleared in ("", "N") else cleared,
        "cleared_on": _day(report, "IncidentExceptionalClearanceDate"),
        "offences": _offences(report),
        "property": [_item(one) for one in _all(report, "Item", "Substance")],
        "arrests": arrests,
        "victims": [_text(one, "VictimCategoryCode") for one in _all(report, "Victim")],
        "offenders": len(_all(report, "Subject")),
    }


def _offences(report: etree._Element) -> list[dict[str, Any]]:
    places = {_id(one): _text(one, "LocationCategoryCode") for one in _all(report, "Location")}
    where: dict[str, list[str]] = {}
    for link in _all(report, "OffenseLocationAssociation"):
        ends = {local(one): _id(one, "ref") for one in link if isinstance(one.tag, str)}
        if place := places.get(ends.get("Location", "")):
            where.setdefault(ends.get("Offense", ""), []).append(place)
    return [
        {
            "code": _text(one, "OffenseUCRCode"),
            "attempted": _flag(one, "OffenseAttemptedIndicator"),
            "places": where.get(_id(one), []),
            "activities": _texts(one, "CriminalActivityCategoryCode"),
            "using": _texts(one, "OffenseFactorCode"),
            "force": _texts(one, "ForceCategoryCode"),
            "entry": _text(one, "PassagePointMethodCode") or None,
            "premises": _whole(one, "OffenseStructuresEnteredQuantity"),
        }
        for one in _all(report, "Offense")
    ]


def _item(item: etree._Element) -> dict[str, Any]:
    return {
        "status": _text(item, "ItemStatusCode"),
        "category": _text(item, "ItemCategoryNIBRSPropertyCategoryCode") or None,
        "value": _number(item, "ItemValueAmount", "Amount"),
        "recovered": _day(item, "ItemValueDate"),
        "quantity": _whole(item, "ItemQuantity"),
        "drug": _text(item, "DrugCategoryCode") or None,
        "amount": _number(item, "SubstanceQuantityMeasure", "MeasureDecimalValue"),
        "unit": _text(item, "SubstanceUnitCode") or None,
    }


def _arrest(arrest: etree._Element) -> dict[str, Any]:
    return {
        "number": _text(arrest, "ActivityIdentification", "IdentificationID"),
        "on": _day(arrest, "ActivityDate"),
        "code": _text(arrest, "ChargeUCRCode") or None,
        "category": _text(arrest, "ArrestCategoryCode") or None,
    }


def _all(report: etree._Element, *names: str) -> list[etree._Element]:
    """Elements directly in a report."""
    return [one for one in report if isinstance(one.tag, str) and local(one) in names]


def _texts(element: etree._Element, *path: str) -> list[str]:
    """The texts at the end of a path of local names, each anywhere below the one before."""
    found = [element]
    for name in path:
        found = [below for one in found for below in one.iterdescendants(f"{{*}}{name}")]
    return [text for one in found if (text := text_of(one))]


def _text(element: etree._Element, *path: str) -> str:
    return next(iter(_texts(element, *path)), "")


def _id(element: etree._Element, name: str = "id") -> str:
    """The attribute by which elements name each other; its namespace is that of NIEM's structures."""
    return next((str(value) for key, value in element.attrib.items() if str(key).endswith(f"}}{name}")), "")


def _coded(report: etree._Element, name: str, words: dict[str, str]) -> str:
    text = _text(report, name)
    if text not in words:
        raise ValueError(f"{name} is {text[:40]!r}, and not one of {', '.join(words)}")
    return words[text]


def _checked(name: str, text: str, of: Any) -> Any:
    """Return the value of a text; None for none. Raises `ValueError` that names it."""
    if not text:
        return None
    try:
        return of(text)
    except (ValueError, OverflowError):
        raise ValueError(f"{name} is {text[:40]!r}, which is no value of it") from None


def _flag(element: etree._Element, name: str) -> bool | None:
    return {"true": True, "1": True, "false": False, "0": False}.get(_text(element, name))


def _whole(element: etree._Element, name: str) -> int | None:
    return _checked(name, _text(element, name), _counted)  # type: ignore[no-any-return]


def _counted(text: str) -> int:
    if not re.fullmatch(r"\d{1,9}", text, re.ASCII):
        raise ValueError(text)
    return int(text)


def _number(element: etree._Element, *path: str) -> float | None:
    return _checked(path[0], _text(element, *path), _decimal)  # type: ignore[no-any-return]


def _decimal(text: str) -> float:
    if not re.fullmatch(r"\d{1,12}(\.\d{1,12})?", text, re.ASCII):
        raise ValueError(text)
    return float(text)


def _date(element: etree._Element, *path: str) -> datetime | None:
    """The moment of a date: with its hour where that is stated."""
    moment = _checked("DateTime", _text(element, *path, "DateTime"), datetime.fromisoformat)
    if moment is not None:
        return _within(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
    return _midnight(_day(element, *path))


def _day(element: etree._Element, *path: str) -> date | None:
    text = _text(element, *path, "Date")
    return _checked(path[-1], text, lambda found: date.fromisoformat(found[:10]))  # type: ignore[no-any-return]


def _midnight(day: date | None) -> datetime | None:
    return _within(datetime(day.year, day.month, day.day, tzinfo=UTC)) if day else None


def _within(moment: datetime) -> datetime:
    if not 1900 <= moment.year < 2200:
        raise ValueError(f"{moment.date().isoformat()} is no day of a report")
    return moment.astimezone(UTC)


FORMAT: Final = Format("nibrs", (INCIDENT.name,), sniff, read, piece=piece)
