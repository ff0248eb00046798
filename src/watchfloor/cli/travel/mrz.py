"""`watchfloor travel mrz`: machine-readable zones of travel documents, verified."""

import sys
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, BinaryIO, Final

import typer

from watchfloor.cell.wording.dates import YEARS
from watchfloor.cli.common import OK, PARTLY, JsonOption, LangOption, err, fail, print_rows, print_table
from watchfloor.core.messages import declare, reason

if TYPE_CHECKING:
    from watchfloor.core.messages import Language, Reason
    from watchfloor.formats.travel.finding import Zone
    from watchfloor.formats.travel.mrz import Verdict

HEADS: Final = tuple(
    declare(f"mrz.head-{name}") for name in ("place", "document", "holder", "dates", "verdict", "wrong")
)
FIELD: Final = {
    name: declare(f"mrz.field-{name}") for name in ("number", "birth", "expiry", "optional", "composite")
}
SAYS: Final = {
    "right": declare("mrz.says-right", "field", "stated"),
    "wrong": declare("mrz.says-wrong", "field", "stated", "computed"),
    "blank": declare("mrz.says-blank", "field"),
    "unreadable": declare("mrz.says-unreadable", "field"),
}
SOUND: Final = declare("mrz.sound")
UNSOUND: Final = declare("mrz.unsound", "faults")
COUNTED: Final = declare("mrz.counted", "zones", "unsound")
NONE: Final = declare("mrz.none")
BAD_DAY: Final = declare("mrz.bad-day", "text")
BY_READER: Final = declare("mrz.by-reader")
NO_FILE: Final = declare("mrz.no-file", "file")


def mrz(
    file: Annotated[
        str,
        typer.Argument(
            metavar="FILE", help="Text with zones, CSV with a column of them, or an image; - is input."
        ),
    ],
    column: Annotated[
        str, typer.Option("--column", metavar="NAME", help="Column of a CSV; else the one with most fillers.")
    ] = "",
    on: Annotated[
        str, typer.Option("--on", metavar="DAY", help="Read years of two digits as of this day; else today.")
    ] = "",
    top: Annotated[int, typer.Option(min=1, help="Zones to show; --json gives all.")] = 40,
    lang: LangOption = "en",
    as_json: JsonOption = False,
) -> None:
    """Verify machine-readable zones: each check digit in words, what is wrong and where, what may restore it.

    Zones of ICAO Doc 9303 (TD1, TD2, TD3, MRV-A, MRV-B) are found among other text. Nationality and sex are
    left out. A fault refuses nobody anything: it says that a line was misread, or not printed by the rules.

    Exit codes: 0 every zone is sound; 1 one is not, or a cell of a table holds none.

    Example: watchfloor travel mrz zones.txt --on 2026-12-01 --json
    """
    from watchfloor.formats.travel.mrz import LEFT_OUT, blind

    day = _day(on, lang)
    counts = {"zones": 0, "unsound": 0}
    verdicts = _verdicts(file, column, day, counts)
    if as_json:
        print_rows((_row(one, lang) for one in verdicts), "zones")
    else:
        shown: list[Verdict] = []
        for one in verdicts:
            if len(shown) < top:
                shown.append(one)
        heads = [reason(head).render(lang) for head in HEADS]
        print_table("", heads, (_line(one, lang) for one in shown), reason(NONE).render(lang))
    for told in (reason(COUNTED, **counts), blind(), reason(LEFT_OUT)):
        err.print(told.render(lang), highlight=False, markup=False)
    raise typer.Exit(PARTLY if counts["unsound"] else OK)


def _verdicts(file: str, column: str, on: date, counts: dict[str, int]) -> "Iterator[Verdict]":
    from watchfloor.formats.base import Fault, FormatError
    from watchfloor.formats.travel import sources
    from watchfloor.formats.travel.mrz import verify

    with _opened(file) as stream:
        try:
            for found in _image(Path(file)) if _is_image(file) else sources.read(stream, file, column):
                if isinstance(found, Fault):
                    counts["unsound"] += 1
                    err.print(f"{found.locator}: {found.reason}", highlight=False, markup=False)
                    continue
                verdict = verify(found, on)
                counts["zones"] += 1
                counts["unsound"] += not verdict.sound
                yield verdict
        except FormatError as error:
            fail(str(error))


def _is_image(file: str) -> bool:
    return file.lower().endswith((".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".webp"))


def _image(path: Path) -> "Iterator[Zone]":
    from watchfloor.feeds.zone_images import lines_of
    from watchfloor.formats.travel.finding import zones

    yield from zones(enumerate(lines_of(path), 1), by_reader=True)
    err.print(str(reason(BY_READER)), highlight=False, markup=False)


def _opened(file: str) -> BinaryIO:
    if file == "-":
        return sys.stdin.buffer
    try:
        return Path(file).open("rb")
    except OSError:
        fail(str(reason(NO_FILE, file=file)), message_id=NO_FILE.id)


def _day(text: str, lang: "Language") -> date:
    if not text:
        return datetime.now().astimezone().date()
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = date.min
    if day.year not in YEARS:  # of two digits a year far off would be one before 1 or after 9999
        fail(reason(BAD_DAY, text=text).render(lang), message_id=BAD_DAY.id)
    return day


def _row(one: "Verdict", lang: "Language") -> dict[str, Any]:
    from watchfloor.formats.travel.mrz import blind

    def sentences(reasons: "tuple[Reason, ...]") -> list[dict[str, Any]]:
        return [
            {"message": each.message, "params": dict(each.params), "text": each.render(lang)}
            for each in reasons
        ]

    suggestion = None
    if one.suggestion:
        plain = one.suggestion._asdict()
        suggestion = plain | {"reason": one.suggestion.reason.message, "text": plain["reason"].render(lang)}
    return {
        "locator": one.locator,
        "layout": one.layout,
        "what": one.what if one.layout else "",
        "code": one.code,
        "issuer": one.issuer,
        "number": one.number,
        "primary": one.primary,
        "secondary": one.secondary,
        "birth": one.birth,
        "expires": str(one.expires) if one.expires else None,
        "sound": one.sound,
        "checks": [each._asdict() | {"text": _says(each, lang)} for each in one.checks],
        "faults": sentences(one.faults),
        "notes": sentences(one.notes),
        "suggestion": suggestion,
        "cannot_find": blind().render(lang),
        "left_out": ["nationality", "sex"],
    }


def _says(check: Any, lang: "Language") -> str:
    """Return the verdict of a check digit in words."""
    message = SAYS[check.verdict]
    said = {"field": reason(FIELD[check.name]).render(lang), **check._asdict()}
    return reason(message, **{name: said[name] for name in message.parameters}).render(lang)


def _line(one: "Verdict", lang: "Language") -> tuple[object, ...]:
    wrong = [each.render(lang) for each in one.faults]
    if one.suggestion:
        wrong.append(one.suggestion.reason.render(lang))
    verdict = reason(SOUND) if one.sound else reason(UNSOUND, faults=len(one.faults))
    return (
        one.locator,
        " ".join(filter(None, (one.layout, one.code, one.issuer, one.number))),
        ", ".join(filter(None, (one.primary, one.secondary))),
        " – ".join(str(each) for each in (one.birth, one.expires) if each),
        verdict.render(lang),
        "\n".join((*wrong, *(each.render(lang) for each in one.notes))),
    )
