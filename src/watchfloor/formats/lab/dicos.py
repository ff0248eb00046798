"""DICOS (NEMA IIC 1): threat detection reports and images of security screening, read by pydicom.

A report gives one reading: each potential threat object is a result, named by its category
(`threat:contraband`), with the assessed probability as its score; the alarm decision is the level. An image
gives a reading without results, which says that the picture was taken. No pixel is decoded.

DICOS is DICOM whose elements of a patient describe the object of inspection and who owns it. Only the
object's id (0010,0020) is read, to say which parcel or container it was; names, births, sexes and
itineraries are not even parsed. An inspected person, or a medical image, is a fault.

A file of DICOM may begin with 128 bytes of anything, such as a program (CVE-2019-11687): one whose preamble
is neither empty nor that of a TIFF file is a fault. So is one that says it is compressed as a whole.
"""

import logging
import re
import warnings
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta, timezone
from hashlib import sha256
from io import BytesIO
from typing import TYPE_CHECKING, Any, BinaryIO, Final

from watchfloor.core.extras import optional
from watchfloor.core.subjects import parts
from watchfloor.formats.base import WHOLE_FILE, Batch, Fault, Format, FormatError, Head
from watchfloor.formats.lab.instrument_table import batch, item
from watchfloor.formats.lab.reading_quality import THREAT

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

PREAMBLE: Final = 128
MAGIC: Final = b"DICM"
ROOT: Final = "1.2.840.10008.5.1.4.1.1.501."
"""What the class of every DICOS object starts with."""
REPORT: Final = ROOT + "3"
OF_PERSONS: Final = (ROOT + "4", ROOT + "5")
"""Advanced imaging technology: scanners of bodies."""
DEFLATED: Final = b"1.2.840.10008.1.2.1.99"
"""A transfer syntax whose whole content is unpacked before it can be looked at."""
TIFF: Final = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
PROGRAMS: Final = {b"MZ": "a Windows program", b"\x7fELF": "a Linux program", b"#!": "a script"}

MOST: Final = 1 << 29
"""Bytes of a file: half a gibibyte, a large volume of computed tomography."""
MOST_ELEMENTS: Final = 100_000
MOST_ITEMS: Final = 50_000
"""Items of sequences, frames among them, counted before anything is parsed: each costs time."""
ITEMS: Final = (b"\xfe\xff\0\xe0", b"\xff\xfe\xe0\0")
"""How an item begins, in either order of bytes."""
PIXELS: Final = (0x7FE00008, 0x7FE00009, 0x7FE00010)
MOST_PIXELS: Final = 1 << 32
MOST_OBJECTS: Final = 1000
SHOWN: Final = 200
"""Characters of a text that are kept."""

READ: Final = (
    *("SOPClassUID", "SOPInstanceUID", "PatientID", "OOIType", "ContentDate", "ContentTime"),
    *("AcquisitionDate", "AcquisitionTime", "AcquisitionDateTime", "InstanceCreationDate"),
    *("InstanceCreationTime", "AlarmDecisionTime", "Manufacturer", "ManufacturerModelName"),
    *("DeviceSerialNumber", "SoftwareVersions", "DateOfLastCalibration", "TimeOfLastCalibration"),
    *("StationName", "AlarmDecision", "TDRType", "ThreatDetectionAlgorithmAndVersion", "ThreatSequence"),
    *("NumberOfAlarmObjects", "TIPType", "Rows", "Columns", "NumberOfFrames", "TimezoneOffsetFromUTC"),
)
"""The elements that are parsed; everything else is skipped."""

_SILENT: Final = logging.NullHandler()
"""Takes what pydicom says of a damaged value, which would go to the terminal."""

TRUTH: Final = "GROUND_TRUTH"
DECIDERS: Final = {"MACHINE": "machine", "OPERATOR": "operator"}
"""Who a report is by (TDR type): their rates are apart, so it stands in the instrument's name."""
ALARMS: Final = {"ALARM": "presumptive", "NO_ALARM": "not-detected", "UNKNOWN": "inconclusive"}
FLAGS: Final = {
    "HIGH_THREAT": "presumptive",
    "THREAT": "presumptive",
    "NO_THREAT": "not-detected",
    "UNKNOWN": "inconclusive",
}


def sniff(head: Head) -> float:
    """Sure of a file of DICOM whose class is one of DICOS."""
    if head.data[PREAMBLE : PREAMBLE + 4] != MAGIC:
        return 0.0
    return 0.95 if ROOT.encode() in head.data else 0.0


def read(stream: BinaryIO, name: str) -> Iterator[Batch | Fault]:
    """The reading of one file, or the fault. Raises `FormatError` where it is no DICOM at all."""
    data = stream.read(MOST + 1)
    if data[PREAMBLE : PREAMBLE + 4] != MAGIC:
        raise FormatError(f"{name} is no file of DICOM: DICM does not stand at byte 128")
    if why := _unsafe(data):
        return iter([Fault(WHOLE_FILE, why, data[: PREAMBLE + 4])])
    try:
        return iter([batch([_reading(_parsed(data), data)])])
    except _UnreadableError as error:
        return iter([Fault(WHOLE_FILE, str(error), data[: PREAMBLE + 4])])


class _UnreadableError(ValueError):
    """Why nothing of a file is taken in."""


def _unsafe(data: bytes) -> str:
    """Why a file may not be opened; empty where it may."""
    preamble = data[:PREAMBLE]
    if preamble.strip(b"\0") and not preamble.startswith(TIFF):
        what = next((of for start, of in PROGRAMS.items() if preamble.startswith(start)), "something else")
        return (
            f"its preamble holds {what} (CVE-2019-11687): nothing of it is read. Ask the sender for the"
            " file with an empty preamble"
        )
    if len(data) > MOST:
        return f"it is larger than {MOST >> 20} MiB; deliver the report without its image"
    if any(data.count(start) > MOST_ITEMS for start in ITEMS):
        return f"its sequences have more than {MOST_ITEMS:,} items"
    if DEFLATED in data:  # anywhere: elements of any length may stand before the one that says so
        return "it is compressed as a whole (deflated), which is not unpacked; deliver it uncompressed"
    return ""


def _parsed(data: bytes) -> "Dataset":
    """The elements of `READ`; pydicom's warnings about single values are no reason to stop."""
    with optional():
        from pydicom.config import disable_value_validation
    from pydicom.filereader import read_partial
    from pydicom.tag import Tag

    logging.getLogger("pydicom").addHandler(_SILENT)
    with warnings.catch_warnings(), disable_value_validation():
        warnings.simplefilter("ignore")
        try:
            return read_partial(BytesIO(data), _at_pixels(), specific_tags=[Tag(name) for name in READ])
        except _UnreadableError:
            raise
        except Exception as error:  # what a damaged file makes pydicom raise is of a dozen classes
            raise _UnreadableError(f"it is damaged and cannot be parsed: {_short(error)}") from error


def _at_pixels() -> Callable[[int, str | None, int], bool]:
    """Whether to stop before an element: before pixels; a fault where elements do not end."""
    count = 0

    def stop(tag: int, kind: str | None, length: int) -> bool:  # noqa: ARG001 - as pydicom calls it
        nonlocal count
        count += 1
        if count > MOST_ELEMENTS:
            raise _UnreadableError(f"it has more than {MOST_ELEMENTS:,} elements before its pixels")
        return tag in PIXELS

    return stop


def _reading(of: "Dataset", data: bytes) -> dict[str, Any]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        _refuse(of)
        results = _results(of) if _text(of, "SOPClassUID") == REPORT else []
        return _plain(of) | {
            "report_key": _text(of, "SOPInstanceUID"),
            "observed_at": _observed(of),
            "subject": _subject(of),
            "level": _level(of),
            "results": results,
            "file_hash": sha256(data).hexdigest(),
            "locator": WHOLE_FILE,
        }


def _refuse(of: "Dataset") -> None:
    sort = _text(of, "SOPClassUID") or ""
    if not sort.startswith(ROOT):
        raise _UnreadableError(f"its class {sort or '(none)'} is none of DICOS: no medical image is taken in")
    if sort in OF_PERSONS or (_text(of, "OOIType") or "").upper() == "PERSON":
        raise _UnreadableError("it is of a person who was screened, which is not taken in here")
    if (tip := _text(of, "TIPType")) is not None and tip.upper() not in ("", "NONE"):
        raise _UnreadableError(
            f"a threat was projected into it for training (TIP type {tip}): it is no evidence"
        )
    if (_text(of, "TDRType") or "").upper() == TRUTH:
        raise _UnreadableError(
            "it says what was put in for a trial (TDR type GROUND_TRUTH): it is no evidence"
        )
    rows, columns = _whole(of, "Rows") or 0, _whole(of, "Columns") or 0
    if min(rows, columns) < 0 or rows * columns * (_whole(of, "NumberOfFrames") or 1) > MOST_PIXELS:
        raise _UnreadableError(
            f"it declares {rows} × {columns} pixels and more frames than any equipment takes"
        )


def _results(of: "Dataset") -> list[dict[str, Any]]:
    objects = _items(of, "ThreatSequence")
    if len(objects) > MOST_OBJECTS:
        raise _UnreadableError(f"it names {len(objects):,} threat objects; at most {MOST_OBJECTS:,} are read")
    return [_result(one, assessed) for one in objects for assessed in _assessments(one)]


def _assessments(one: "Dataset") -> list["Dataset"]:
    """Return the assessments of an object: in a sequence of its own, or in the object itself."""
    return _items(one, "ATDAssessmentSequence") or [one]


def _result(one: "Dataset", assessed: "Dataset") -> dict[str, Any]:
    category = _text(assessed, "ThreatCategory") or _text(one, "ThreatCategory") or "unknown"
    flag = (_text(assessed, "ATDAssessmentFlag") or "").upper()
    score = _number(assessed, "ATDAssessmentProbability")
    if score is not None and not 0 <= score <= 1:
        score = None
    number = _whole(one, "PotentialThreatObjectID")
    plain = re.sub(r"[^a-z0-9]+", "-", category.lower()).strip("-") or "unknown"
    name = f"{THREAT}{plain}" + (f" object {number}" if number is not None else "")
    return {"substance": None, "name": name, "level": FLAGS.get(flag, "inconclusive"), "score": score}


def _plain(of: "Dataset") -> dict[str, Any]:
    made = [part for part in (_text(of, "Manufacturer"), _text(of, "ManufacturerModelName")) if part]
    by = DECIDERS.get((_text(of, "TDRType") or "").upper())
    return {
        "instrument": (" ".join(made) or "screening equipment") + (f", {by}" if by else ""),
        "method": "x-ray",
        "serial": _text(of, "DeviceSerialNumber"),
        "firmware": _text(of, "SoftwareVersions"),
        "library": _text(of, "ThreatDetectionAlgorithmAndVersion"),
        "place": _text(of, "StationName"),
        "calibrated_at": _moment(of, "DateOfLastCalibration", "TimeOfLastCalibration"),
    }


def _level(of: "Dataset") -> str | None:
    """The alarm decision of a report; an image decides nothing."""
    if _text(of, "SOPClassUID") != REPORT:
        return None
    return ALARMS.get((_text(of, "AlarmDecision") or "").upper(), "inconclusive")


def _subject(of: "Dataset") -> str:
    found = _text(of, "PatientID")
    if not found:
        raise _UnreadableError("it says of no object of inspection: its id (0010,0020) is empty")
    try:
        key = item(found)
    except ValueError:  # the id is not repeated: where it is none of an object it may be of its owner
        raise _UnreadableError(
            "the id of its object of inspection (0010,0020) is no parcel number (UPU S10), container number"
            " (ISO 6346) or key such as parcel:NAME:17"
        ) from None
    if parts(key)[0] not in ("parcel", "container", "vehicle"):
        raise _UnreadableError("its object of inspection is no parcel, container or vehicle")
    return key


def _observed(of: "Dataset") -> datetime:
    for name in ("AlarmDecisionTime", "AcquisitionDateTime"):
        if found := _instant(_text(of, name), _zone(of)):
            return found
    for day in ("ContentDate", "AcquisitionDate", "InstanceCreationDate"):
        if found := _moment(of, day, day.replace("Date", "Time")):
            return found
    raise _UnreadableError(
        "it does not say when it was made: neither alarm decision, acquisition nor content time"
    )


def _moment(of: "Dataset", day: str, time: str) -> datetime | None:
    if not (date := _text(of, day)):
        return None
    return _instant(date + (_text(of, time) or "000000"), _zone(of))


def _zone(of: "Dataset") -> timezone:
    """The offset that the file states for its times, or one of them for itself; else UTC."""
    stated = (
        _text(of, name) or ""
        for name in ("TimezoneOffsetFromUTC", "AlarmDecisionTime", "AcquisitionDateTime")
    )
    match = next((found for text in stated if (found := _OFFSET.search(text))), None)
    return _offset(*match.groups()) if match else UTC


def _offset(sign: str, hours: str, minutes: str) -> timezone:
    total = min(int(hours) * 60 + int(minutes), 14 * 60)
    return timezone(timedelta(minutes=-total if sign == "-" else total))


_OFFSET: Final = re.compile(r"([+-])(\d\d)(\d\d)$", re.ASCII)
_DATETIME: Final = re.compile(
    r"(\d{8})(\d{2})?(\d{2})?(\d{2})?(?:\.(\d{1,6}))?(?:([+-])(\d\d)(\d\d))?", re.ASCII
)


def _instant(text: str | None, zone: timezone) -> datetime | None:
    """A DICOM date and time (DT): `20260714093000.000000-0400`; None where there is none that exists."""
    match = _DATETIME.fullmatch((text or "").strip().replace(":", ""))
    if not match:
        return None
    day, hour, minute, second, fine, *offset = match.groups()
    where = _offset(*offset) if offset[0] else zone
    try:
        found = datetime.strptime(f"{day}{hour or '00'}{minute or '00'}{second or '00'}", "%Y%m%d%H%M%S")  # noqa: DTZ007
        return found.replace(microsecond=int((fine or "0").ljust(6, "0")), tzinfo=where).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _value(of: "Dataset", name: str) -> Any:
    """The value of an element; None where it is not there or cannot be decoded."""
    try:
        return of.get(name)
    except Exception:  # as in `_parsed`: values are decoded when they are asked for
        return None


def _text(of: "Dataset", name: str) -> str | None:
    value = _value(of, name)
    if value is None or isinstance(value, bytes):
        return None
    several = [str(one) for one in value] if isinstance(value, list | tuple) else None
    try:
        text = ", ".join(several) if several is not None else str(value)
    except Exception:
        return None
    kept = "".join(char for char in text if char.isprintable()).strip()
    return kept.encode("utf-8", "replace").decode()[:SHOWN] or None


def _number(of: "Dataset", name: str) -> float | None:
    try:
        value = float(_value(of, name))
    except (TypeError, ValueError):
        return None
    return value if value == value and abs(value) != float("inf") else None


def _whole(of: "Dataset", name: str) -> int | None:
    value = _number(of, name)
    return None if value is None else int(value)


def _items(of: "Dataset", name: str) -> list["Dataset"]:
    from pydicom.sequence import Sequence

    value = _value(of, name)
    return list(value) if isinstance(value, Sequence) else []


def _short(error: Exception) -> str:
    text = "".join(char if char.isprintable() else " " for char in f"{type(error).__name__}: {error}")
    return text[:SHOWN]


FORMAT: Final = Format("dicos", ("reading",), sniff, read)
