"""Logs of ion-mobility spectrometers: alarms by channel, with the blanks and calibrants between them.

Makers write such logs differently and publish no standard; this is one layout as CSV, a line a channel of a
run, oldest first. Columns may stand in any order and under any of the words of `COLUMNS`:

    time, serial, run, kind, item, channel, cas, k0, k0 low, k0 high, amplitude, threshold, alarm,
    instrument, sample, exhibit, surface, operator, place, firmware, library, calibrated at, calibrated until

`time`, `serial`, `run` and `kind` are needed. Lines of one run stand together. `kind` is one of:

- `sample`: a swab of `item`, a typed key or the bare number of a parcel or container; needs `channel` and
  `alarm`;
- `blank`: a clean swab; it passes where no channel alarms, and each line needs `alarm`;
- `calibrant`: it passes where its reduced mobility `k0` (cm²/V·s) lies in its window, or `alarm` says found;
- `clear-down`: the instrument was run until it was clean; it passes where nothing alarms.

A sample that alarms is marked (`lab.reading_quality`) where no blank has passed since the alarm before
it or the start of the log, where the last blank alarmed, where the instrument has not cleared down since;
every sample where the last calibrant failed or none was run. An alarm outside its own window or below its
own threshold is inconclusive. Blanks and calibrants are readings too, of the instrument itself, so that its
drift can be seen. A swab can alarm for what a parcel touched; no alarm identifies a substance.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, BinaryIO, Final

from watchfloor.formats.base import Batch, Fault, Format
from watchfloor.formats.lab.instrument_table import (
    AT,
    CAS,
    EXHIBIT,
    ITEM,
    PLACE,
    Line,
    badge,
    batches,
    checks_of,
    lines,
    measure,
    until,
    words,
)
from watchfloor.formats.lab.reading_quality import (
    BEFORE_CLEAR_DOWN,
    BELOW_THRESHOLD,
    BLANK,
    BLANK_FAILED,
    BLANK_MISSING,
    CALIBRANT,
    CALIBRANT_FAILED,
    CALIBRANT_MISSING,
    OUTSIDE_WINDOW,
)
from watchfloor.formats.tabular import values
from watchfloor.formats.tabular.lexicon import Cell, Lexicon

COLUMNS: Final = {
    "time": AT,
    "serial": Cell(
        ("serial", "serial number", "device serial", "no de serie", "numero de serie"), needed=True
    ),
    "run": Cell(("run", "run number", "analysis", "sample number", "scan", "essai", "analyse"), needed=True),
    "kind": Cell(
        ("kind", "run type", "type", "genre"),
        words(
            sample=("analysis", "swab", "echantillon", "prelevement"),
            blank=("background", "blanc"),
            calibrant=("calibration", "verification", "verific", "etalon"),
            clear_down=("cleardown", "clear", "purge", "nettoyage"),
        ),
        needed=True,
    ),
    "item": ITEM,
    "channel": Cell(("channel", "substance", "peak", "compound", "voie", "canal")),
    "cas": CAS,
    "k0": Cell(("k0", "reduced mobility", "measured k0", "mobilite reduite"), measure),
    "k0_low": Cell(("k0 low", "window low", "k0 min", "fenetre min"), measure),
    "k0_high": Cell(("k0 high", "window high", "k0 max", "fenetre max"), measure),
    "amplitude": Cell(("amplitude", "intensity", "peak height", "intensite"), measure),
    "threshold": Cell(("threshold", "alarm threshold", "seuil"), measure),
    "alarm": Cell(
        ("alarm", "result", "alarme", "resultat"),
        words(
            yes=("alarm", "true", "1", "y", "found", "oui", "alarme", "vrai", "trouve"),
            no=("no alarm", "pass", "clear", "false", "0", "n", "not found", "non", "aucune alarme", "faux"),
        ),
    ),
    "instrument": Cell(("instrument", "model", "device", "appareil", "modele")),
    "sample": Cell(("sample", "sample id", "echantillon")),
    "exhibit": EXHIBIT,
    "surface": Cell(
        ("surface", "matrix", "swabbed", "matrice"),
        words(
            swab=("wipe", "frottis"), parcel=("package", "colis"), vehicle=("vehicule",), residue=("residu",)
        ),
    ),
    "operator": Cell(("operator", "badge", "user", "operateur"), badge),
    "place": PLACE,
    "firmware": Cell(("firmware", "software", "version", "logiciel")),
    "library": Cell(("library", "library version", "substance list", "bibliotheque")),
    "calibrated_at": Cell(("calibrated at", "calibration date", "etalonne le"), values.instant),
    "calibrated_until": Cell(("calibrated until", "calibration due", "etalonne jusqu au"), until),
}

LEXICON: Final = Lexicon("a log of an ion-mobility spectrometer", COLUMNS, ("channel", "alarm"))
UNIT: Final = "cm2/Vs"
_PLAIN: Final = ("sample", "exhibit", "operator", "place", "firmware", "library")


@dataclass(slots=True)
class Device:
    """One instrument as its log has told so far; None where no blank or calibrant was run.

    Attributes:
        blank: whether the last blank since the last alarm passed.
        calibrant: whether the last calibrant passed.
        dirty: it has alarmed and not cleared down since.
        last: its last line, for the order of time.
        runs: numbers of its runs that are over.
    """

    blank: bool | None = None
    calibrant: bool | None = None
    dirty: bool = False
    last: Line | None = None
    runs: set[str] = field(default_factory=set)


def read(stream: BinaryIO, name: str) -> Iterator[Batch | Fault]:
    """Readings and faults of one log. Raises `FormatError` where a needed column is missing."""
    return batches(_readings(_runs(lines(LEXICON, stream, name))))


def _readings(pieces: Iterator[list[Line] | Fault]) -> Iterator[dict[str, Any] | Fault]:
    devices: dict[str, Device] = {}
    for piece in pieces:
        if isinstance(piece, Fault):
            yield piece
            continue
        device = devices.setdefault(piece[0].said["serial"], Device())
        out = _out_of_order(device, piece[0])
        wrong = [out or _wrong(line) for line in piece]
        yield from (line.fault(why) for line, why in zip(piece, wrong, strict=True) if why)
        if any(wrong) and piece[0].said["kind"] != "sample":
            _forget(device, piece[0].said["kind"])
            continue
        good = [line for line, why in zip(piece, wrong, strict=True) if not why]
        if good and (row := _reading(device, good)):
            yield row


def _runs(pieces: Iterator[Line | Fault]) -> Iterator[list[Line] | Fault]:
    """Lines of one run together; a fault comes before the run that it stands in."""
    run: list[Line] = []
    for piece in pieces:
        if isinstance(piece, Fault):
            yield piece
        elif run and _number(run[0]) != _number(piece):
            yield run
            run = [piece]
        else:
            run.append(piece)
    if run:
        yield run


def _number(line: Line) -> tuple[str, str, str]:
    return line.said["serial"], line.said["run"], line.said["kind"]


def _out_of_order(device: Device, line: Line) -> str:
    """Why a run cannot stand here; empty where it can, and then it is noted."""
    if line.said["run"] in device.runs:
        return f"run {line.said['run']} was over before: the lines of a run stand together"
    if device.last is not None and line.said["time"] < device.last.said["time"]:
        return f"it is before {device.last.locator} of the same instrument: sort the log by time"
    device.runs.add(line.said["run"])
    device.last = line
    return ""


def _forget(device: Device, kind: str) -> None:
    """A check of which not every line can be read has neither passed nor failed."""
    if kind == BLANK:
        device.blank = None
    elif kind == CALIBRANT:
        device.calibrant = None


def _wrong(line: Line) -> str:
    said = line.said
    if said["k0_low"] is not None and said["k0_high"] is not None and said["k0_low"] > said["k0_high"]:
        return f"k0 low: {said['k0_low']} is above the window's other end, {said['k0_high']}"
    if said["kind"] == "sample":
        for word in ("item", "channel", "alarm"):
            if said[word] is None:
                return f"{word}: is empty, and a sample needs it"
    if said["kind"] == BLANK and said["alarm"] is None:
        return "alarm: is empty, and a blank needs it"
    if said["kind"] == CALIBRANT and _in_window(said) is None and said["alarm"] is None:
        return "a calibrant needs its k0 with a window, or an alarm that says whether it was found"
    return ""


def _reading(device: Device, run: Sequence[Line]) -> dict[str, Any] | None:
    """The reading of one run; a clear-down only changes the instrument."""
    kind = run[0].said["kind"]
    if kind == "sample":
        return _sample(device, run)
    alarmed = any(line.said["alarm"] == "yes" for line in run)
    if kind == "clear-down":
        device.dirty &= alarmed
        return None
    if kind == BLANK:
        device.blank = not alarmed
        device.dirty &= alarmed
        results = [_result(line) for line in run if line.said["channel"]]
        return _check(run, BLANK, results, [BLANK_FAILED] if alarmed else [])
    device.calibrant = all(_passes(line) for line in run)
    level = "presumptive" if device.calibrant else "not-detected"
    results = [_result(line) | {"level": level} for line in run]
    return _check(run, CALIBRANT, results, [] if device.calibrant else [CALIBRANT_FAILED])


def _sample(device: Device, run: Sequence[Line]) -> dict[str, Any]:
    results = [_result(line) for line in run]
    alarmed = any(one["level"] == "presumptive" for one in results)
    quality = _doubts(device, run, alarmed)
    if alarmed:
        device.blank, device.dirty = None, True
    row = _row(run, results) | {"subject": run[0].said["item"], "quality": quality}
    row["matrix"] = run[0].said["surface"] or "swab"
    return row | (
        {"substance": results[0]["substance"], "level": results[0]["level"]} if len(run) == 1 else {}
    )


def _doubts(device: Device, run: Sequence[Line], alarmed: bool) -> list[str]:
    found = []
    if device.calibrant is not True:
        found.append(CALIBRANT_MISSING if device.calibrant is None else CALIBRANT_FAILED)
    if alarmed and device.dirty:
        found.append(BEFORE_CLEAR_DOWN)
    if alarmed and device.blank is not True:
        found.append(BLANK_MISSING if device.blank is None else BLANK_FAILED)
    alarms = [line.said for line in run if line.said["alarm"] == "yes"]
    found += [OUTSIDE_WINDOW] * any(_in_window(said) is False for said in alarms)
    return found + [BELOW_THRESHOLD] * any(_below(said) for said in alarms)


def _result(line: Line) -> dict[str, Any]:
    said, level = line.said, "not-detected"
    if said["alarm"] == "yes":
        level = "inconclusive" if _in_window(said) is False or _below(said) else "presumptive"
    name = said["channel"] or said["kind"]
    return {"substance": said["cas"], "name": name, "level": level, "score": said["amplitude"]}


def _passes(line: Line) -> bool:
    inside = _in_window(line.said)
    return line.said["alarm"] == "yes" if inside is None else inside and line.said["alarm"] != "no"


def _in_window(said: Any) -> bool | None:
    """Whether the measured mobility lies in its window; None where either is not stated."""
    if said["k0"] is None or said["k0_low"] is None or said["k0_high"] is None:
        return None
    return bool(said["k0_low"] <= said["k0"] <= said["k0_high"])


def _below(said: Any) -> bool:
    return None not in (said["amplitude"], said["threshold"]) and bool(said["amplitude"] < said["threshold"])


def _check(run: Sequence[Line], matrix: str, results: list[Any], quality: list[str]) -> dict[str, Any]:
    said = {"subject": checks_of(run[0].said["serial"]), "matrix": matrix, "quality": quality}
    return _row(run, results) | said


def _row(run: Sequence[Line], results: list[dict[str, Any]]) -> dict[str, Any]:
    first = run[0].said
    peaks = [(line.said["k0"], line.said["amplitude"] or 0.0) for line in run if line.said["k0"] is not None]
    top = max((height for _, height in peaks), default=0.0) or 1.0
    return {word: first[word] for word in (*_PLAIN, "calibrated_at", "calibrated_until", "serial")} | {
        "report_key": f"{first['serial']}:{first['run']}:{first['time']:%Y%m%dT%H%M%S}",
        "observed_at": first["time"],
        "instrument": first["instrument"] or "ion-mobility spectrometer",
        "method": "ims",
        "category": "B",
        "results": results,
        "peaks": [at for at, _ in peaks],
        "intensity": [height / top for _, height in peaks],
        "unit": UNIT if peaks else None,
        "locator": run[0].locator,
    }


FORMAT: Final = Format("ims-log", ("reading",), LEXICON.sniff, read)
