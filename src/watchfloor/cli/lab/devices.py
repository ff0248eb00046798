"""`watchfloor lab devices`: the health of each instrument, by the readings that stand on a floor."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from watchfloor.cli.common import (
    DEFAULT_AUTHORITY,
    DEFAULT_FLOOR,
    DEFAULT_PURPOSE,
    AuthorityOption,
    FloorOption,
    JsonOption,
    LangOption,
    PurposeOption,
    acting,
    counted,
    err,
    fail,
    print_rows,
    print_table,
    reader,
)

if TYPE_CHECKING:
    from watchfloor.core.messages import Language
    from watchfloor.desks.lab.devices import Health, Rate

HEADS: Final = {
    "en": (
        *("instrument", "serial", "readings", "alarms", "checked", "confirmed", "95 %", "missed"),
        *("next alarm", "see to"),
    ),
    "fr": (
        *("instrument", "série", "mesures", "alarmes", "vérifiées", "confirmées", "95\u00a0%", "manqués"),
        *("prochaine alarme", "à voir"),
    ),
}
SHOWN: Final = 12
"""Serial numbers that are named where none fits."""
NONE: Final = {
    "en": "No reading that you may see names a serial number, so there is no device to speak of.",
    "fr": "Aucune mesure que vous pouvez voir ne donne de numéro de série\u00a0: il n’y a pas d’appareil.",
}
STRENGTHS: Final = {
    "en": {"presumptive-weak": "weak", "presumptive": "plain", "presumptive-strong": "strong"},
    "fr": {"presumptive-weak": "faible", "presumptive": "simple", "presumptive-strong": "forte"},
}
TROUBLES: Final = {
    "en": {
        "calibration-overdue": "calibration overdue since {due}",
        "calibration-from-the-future": "a calibration dated after its reading",
        "drifting": "calibrant drifts {way} since {since}",
        "blanks-failing": "the last {failing} blanks alarmed",
        "calibrant-failing": "{failed} of {calibrants} calibrants failed, the last one too",
        "library-behind": "searches {library}; {newest} is in use",
        "alarms-seldom-right": "its alarms are seldom confirmed",
    },
    "fr": {
        "calibration-overdue": "étalonnage échu depuis le {due}",
        "calibration-from-the-future": "un étalonnage postérieur à sa mesure",
        "drifting": "l’étalon dérive ({way}) depuis le {since}",
        "blanks-failing": "les {failing} derniers blancs ont donné l’alarme",
        "calibrant-failing": "{failed} étalons sur {calibrants} ont échoué, dont le dernier",
        "library-behind": "consulte {library}; {newest} est en service",
        "alarms-seldom-right": "ses alarmes sont rarement confirmées",
    },
}
"""By word of `Health.troubles`, what somebody should see to."""


def devices(
    serial: Annotated[
        str | None, typer.Argument(metavar="[SERIAL]", help="One serial number, lot or dog; else all.")
    ] = None,
    on: Annotated[
        str | None, typer.Option("--on", metavar="DATE", help="As of that day or moment; else now.")
    ] = None,
    floor: FloorOption = DEFAULT_FLOOR,
    lang: LangOption = "en",
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """How often each device's alarms were confirmed, whether it drifts, and what is overdue.

    An alarm is checked where a technique of category A (ASTM E2329) identified what it pointed to, or
    chromatography with mass spectrometry did not find it. Intervals are Jeffreys'; --json gives Wilson's too.

    Example: watchfloor lab devices --floor laboratory --on 2026-11-24
    """
    from watchfloor.desks.lab.devices import COLUMNS, health, without_serial
    from watchfloor.desks.lab.law import Law
    from watchfloor.reference import controls
    from watchfloor.store.floor import Floor

    moment = _moment(on)
    opened = Floor.open(floor)
    rows = opened.read("reading", reader(opened, purpose), columns=COLUMNS, latest=True).to_pylist()
    found = health(rows, Law(controls.reference()), moment)
    shown = [one for one in found if serial is None or one.serial == serial]
    ids = [row["record_id"].hex() for row in rows if row["serial"] in {one.serial for one in shown}]
    detail = {"what": "devices", "serial": serial, "devices": len(shown), "shown": ids}
    opened.act(acting(purpose, authority), "query", detail)
    if as_json:
        print_rows((_row(one, lang) for one in shown), "devices")
        return
    print_table("", HEADS[lang], (_line(one, lang) for one in shown), _none(serial, found, lang))
    if (left := without_serial(rows, moment)) and serial is None:
        note = f"{counted(left, 'reading')} without a serial number tell of no device"
        err.print(note if lang == "en" else f"mesures sans numéro de série : {left:,}", highlight=False)


def _none(serial: str | None, found: "list[Health]", lang: "Language") -> str:
    if serial is None or not found:
        return NONE[lang]
    known = sorted({one.serial for one in found})
    shown = ", ".join(known[:SHOWN]) + (", …" if len(known) > SHOWN else "")
    return {
        "en": "No device has that serial number; there are {}",
        "fr": "Aucun appareil n’a ce numéro de série; il y a {}",
    }[lang].format(shown)


def _moment(text: str | None) -> datetime:
    if text is None:
        return datetime.now(UTC)
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        fail(f"--on: {text!r} is no day or moment such as 2026-11-24")
    if len(text) <= len("2026-11-24"):
        found = found.replace(hour=23, minute=59, second=59, microsecond=999_999)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _line(one: "Health", lang: "Language") -> tuple[object, ...]:
    rate = one.rate
    return (
        one.instrument,
        one.serial,
        one.readings,
        one.alarms,
        rate.of,
        rate.right,
        _between(rate, lang),
        one.came["missed"],
        STRENGTHS[lang][one.strength],
        "; ".join(_told(one, lang)),
    )


def _between(rate: "Rate", lang: "Language") -> str:
    if (ends := rate.jeffreys) is None:
        return {"en": "not checked", "fr": "non vérifiées"}[lang]
    return "{:.0%}–{:.0%}".format(*ends)


def _told(one: "Health", lang: "Language") -> list[str]:
    ways = {"en": {"up": "up", "down": "down"}, "fr": {"up": "vers le haut", "down": "vers le bas"}}
    said = {
        "due": f"{one.calibrated_until:%Y-%m-%d}" if one.calibrated_until else "",
        "way": ways[lang][one.drifted[0].way] if one.drifted else "",
        "since": f"{one.drifted[1]:%Y-%m-%d}" if one.drifted else "",
        "failing": one.failing,
        "failed": one.calibrants[1],
        "calibrants": one.calibrants[0],
        "library": one.library,
        "newest": one.newest,
    }
    return [TROUBLES[lang][word].format(**said) for word in one.troubles]


def _row(one: "Health", lang: "Language") -> dict[str, Any]:
    return {
        "instrument": one.instrument,
        "serial": one.serial,
        "methods": list(one.methods),
        "readings": one.readings,
        "alarms": one.alarms,
        **{
            word: one.came[word]
            for word in ("confirmed", "refuted", "waiting", "missed", "cleared", "silent")
        },
        "confirmed_share": one.rate.value,
        "jeffreys": one.rate.jeffreys,
        "wilson": one.rate.wilson,
        "missed_share": one.misses.value,
        "missed_jeffreys": one.misses.jeffreys,
        "strength": one.strength,
        "set_aside": one.aside,
        "doubts": dict(sorted(one.doubted.items())),
        "blanks": one.blanks[0],
        "blanks_failed": one.blanks[1],
        "blanks_failing": one.failing,
        "calibrants": one.calibrants[0],
        "calibrants_failed": one.calibrants[1],
        "calibrants_failing": one.unfound,
        "drift": one.drifted[0].way if one.drifted else None,
        "drift_since": one.drifted[1] if one.drifted else None,
        "calibrated_at": one.calibrated_at,
        "calibrated_until": one.calibrated_until,
        "overdue": one.overdue,
        "library": one.library,
        "newest_library": one.newest,
        "library_behind": one.behind,
        "first": one.first,
        "last": one.last,
        "troubles": one.troubles,
        "see_to": _told(one, lang),
    }
