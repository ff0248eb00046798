"""Weather reports of aerodromes: METAR and SPECI (WMO-No. 306, FM 15 and FM 16; ICAO Annex 3, appendix 3).

A report has the day and the time but no month, so a file is read in the form in which the U.S. National
Weather Service publishes them: a line with a date, `2026/12/01 12:00`, and the report in the line below it.
Read are station, time, wind, prevailing visibility in metres or statute miles, rain, snow and fog,
temperature, and the ceiling: the lowest layer of more than half the sky, or the vertical visibility. What
comes behind `RMK`, or is a forecast (`TEMPO`, `BECMG`), is not. A report does not say where its station is:
`[[station]]` in `coverage.toml` does.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, BinaryIO, Final

import pyarrow as pa

from watchfloor.core.kinds import WEATHER
from watchfloor.formats.base import Batch, Fault, Format, Head

NAME: Final = "metar"
LONGEST: Final = 4_096
"""Bytes of a line; a report has some 200."""
ROWS: Final = 10_000
"""Rows of a batch."""
KNOT: Final = 1_852 / 3_600
MILE: Final = 1_609.344
FOOT: Final = 0.3048
FAR: Final = 10_000.0
"""Metres that 9999 and CAVOK stand for: that far or farther."""

DATE: Final = re.compile(r"(\d{4})/(\d{2})/(\d{2}) (\d{2}):(\d{2})")
REPORT: Final = re.compile(
    r"(?:(?:METAR|SPECI) )?(?:COR )?([A-Z][A-Z0-9]{3}) (\d{2})(\d{2})(\d{2})Z ?(.*?)=?"
)
END: Final = re.compile(r" (?:RMK|TEMPO|BECMG|NOSIG)\b.*")
WIND: Final = re.compile(r"(\d{3}|VRB)(\d{2,3})(?:G\d{2,3})?(KT|MPS)")
METRES: Final = re.compile(r"(\d{4})(?:NDV)?")
MILES: Final = re.compile(r"([MP])?(?:(\d{1,2}) )?(\d{1,2})(?:/(\d{1,2}))?SM")
LAYER: Final = re.compile(r"(BKN|OVC|VV)(\d{3})(?:CB|TCU|///)?")
TEMPERATURE: Final = re.compile(r"(M?\d{2})/(?:M?\d{2})?")
PRESENT: Final = re.compile(
    r"(?:[-+])?(?:MI|BC|PR|DR|BL|SH|TS|FZ)*((?:DZ|RA|SN|SG|IC|PL|GR|GS|UP|BR|FG|FU|VA|DU|SA|HZ)+)"
)
HINT: Final = re.compile(
    rb"^\d{4}/\d{2}/\d{2} \d{2}:\d{2}\s*\n(?:(?:METAR|SPECI) )?(?:COR )?[A-Z][A-Z0-9]{3} \d{6}Z", re.MULTILINE
)


def sniff(head: Head) -> float:
    """Sure of a line with a date above one that begins as a report does."""
    return 0.95 if HINT.search(head.data) else 0.0


def read(stream: BinaryIO, name: str) -> Iterator[Batch | Fault]:  # noqa: ARG001 - as every reader
    """Weather by station and time, and a fault for each line that is no report of the day above it."""
    rows: list[dict[str, Any]] = []
    day: datetime | None = None
    for number, raw, whole in _lines(stream):
        text = raw.decode("ascii", "replace").strip()
        if not text:
            continue
        try:
            if not whole:
                raise ValueError(f"a line of more than {LONGEST:,} bytes is no report")
            if found := DATE.fullmatch(text):
                year, month, date, hour, minute = map(int, found.groups())
                day = datetime(year, month, date, hour, minute, tzinfo=UTC)
                continue
            rows.append(_row(text, day) | {"locator": f"line {number}"})
        except ValueError as error:
            yield Fault(f"line {number}", str(error), raw)
        if len(rows) == ROWS:
            yield Batch(WEATHER, pa.Table.from_pylist(rows, WEATHER.body))
            rows = []
    if rows:
        yield Batch(WEATHER, pa.Table.from_pylist(rows, WEATHER.body))


def _lines(stream: BinaryIO) -> Iterator[tuple[int, bytes, bool]]:
    """Yield number and bytes of each line, and whether that is all of it."""
    number, begun = 0, False
    while raw := stream.readline(LONGEST):
        ended = raw.endswith(b"\n")
        if not begun:
            number += 1
            yield number, raw, ended or len(raw) < LONGEST
        begun = not ended


def _row(text: str, day: datetime | None) -> dict[str, Any]:
    """Return the columns of a report. Raises `ValueError`, which says what to do."""
    found = REPORT.fullmatch(text)
    if found is None:
        raise ValueError("it is no METAR or SPECI: station, day and time, as in CYWG 011200Z")
    if day is None:
        raise ValueError("a report has no month: put a line with its date above it, such as 2026/12/01 12:00")
    station, body = found[1], END.sub("", f" {found[5]}")
    at = _time(day, *(int(found[part]) for part in (2, 3, 4)))
    row: dict[str, Any] = {
        "station": station,
        "observed_at": at,
        "report_key": f"{station} {at:%Y-%m-%dT%H:%MZ}",
    }
    return row | {"origins": []} | _groups(body.split())


def _time(day: datetime, number: int, hour: int, minute: int) -> datetime:
    for shift in (0, -1, 1):
        date = day + timedelta(days=shift)
        if date.day == number:
            return date.replace(hour=hour, minute=minute)
    raise ValueError(f"day {number} is not within a day of {day:%Y/%m/%d}, the date above it")


def _groups(words: list[str]) -> dict[str, Any]:
    """Return what the groups of a report say; the first of a sort counts, of layers the lowest."""
    row: dict[str, Any] = {}
    layers: list[float] = []
    falling: set[str] = set()
    for at, word in enumerate(words):
        if (wind := WIND.fullmatch(word)) and "wind_speed" not in row:
            row["wind_speed"] = int(wind[2]) * (KNOT if wind[3] == "KT" else 1.0)
            row["wind_from"] = None if wind[1] == "VRB" or row["wind_speed"] == 0 else float(wind[1]) % 360.0
        elif word == "CAVOK":
            row["visibility"] = FAR
        elif (metres := METRES.fullmatch(word)) and "visibility" not in row:
            row["visibility"] = FAR if metres[1] == "9999" else float(metres[1])
        elif word.endswith("SM") and "visibility" not in row:
            row |= _miles(words[at - 1] if at else "", word)
        elif layer := LAYER.fullmatch(word):
            layers.append(int(layer[2]) * 100 * FOOT)
        elif (warmth := TEMPERATURE.fullmatch(word)) and "temperature" not in row:
            row["temperature"] = float(warmth[1].replace("M", "-"))
        elif PRESENT.fullmatch(word):
            falling.add(_precipitation(word))
    row["ceiling"] = min(layers, default=None)
    order = ("freezing-rain", "snow", "rain", "fog")
    said = next((one for one in order if one in falling), "none" if "visibility" in row else None)
    return row | {"precipitation": said}


def _miles(before: str, word: str) -> dict[str, float]:
    """Return the visibility of a group in statute miles, such as `3/4SM` behind `1`, or `P6SM`."""
    found = MILES.fullmatch(f"{before} {word}" if re.fullmatch(r"\d{1,2}", before) and "/" in word else word)
    if found is None or found[4] == "0" or found[4] == "00":
        return {}
    share = int(found[3]) / int(found[4]) if found[4] else float(found[3])
    return {"visibility": (int(found[2] or 0) + share) * MILE}


def _precipitation(word: str) -> str:
    """Return the word of the kind weather for a group of present weather; `` for haze, mist or smoke."""
    if "FZRA" in word or "FZDZ" in word:
        return "freezing-rain"
    for name, codes in (
        ("snow", ("SN", "SG", "IC", "PL", "GS")),
        ("rain", ("RA", "DZ", "GR")),
        ("fog", ("FG",)),
    ):
        if any(code in word for code in codes):
            return name
    return ""


FORMAT: Final = Format(NAME, (WEATHER.name,), sniff, read)
