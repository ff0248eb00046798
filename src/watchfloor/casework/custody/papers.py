"""Papers about exhibits as plain data: labels to print, the hazard sheet, the continuity report for a court.

`pdf` sets them with `custody.typ`. A continuity report names every act with its record, its position in the
log, the root that its proof leads to and the hash of the file of proofs, which `proving` gives.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache
from hashlib import sha256
from importlib.resources import files
from io import BytesIO
from itertools import groupby
from typing import Any, Final, NamedTuple

from watchfloor.casework.custody import balance as balancing
from watchfloor.casework.custody import readings
from watchfloor.casework.custody.exhibits import Exhibit, World, exhausts, lineage, root
from watchfloor.casework.custody.masses import typed, written
from watchfloor.casework.custody.paper_words import GAPS, MISSING, WORDS
from watchfloor.casework.flags import FENTANYL
from watchfloor.cell.acts import Row, minute, refuse, words
from watchfloor.cell.wording import typesetting
from watchfloor.core.marking import join
from watchfloor.core.messages import Language, declare
from watchfloor.store.floor import Floor

NO_PDF: Final = declare("custody.no-pdf", "problem")
HOUR: Final = timedelta(hours=1)
LATE_ENTRY: Final = 24.0
"""Hours after which an act that is written down is said to be late."""

LENGTH: Final = 200
"""Letters of a text that a label has room for."""


def labels(chosen: Sequence[Exhibit], language: Language = "en") -> dict[str, Any]:
    """Labels to print: the exhibit's id as Code 128 and QR code, and what a person must read at a glance."""
    return _paper("labels", chosen, language) | {"labels": [_label(one, language) for one in chosen]}


def hazard(
    chosen: Sequence[Exhibit], taken: Mapping[str, Sequence[Row]], language: Language = "en"
) -> dict[str, Any]:
    """A hazard sheet for each exhibit; `taken` are the readings of each, by its id."""
    sheets = [
        {
            "label": _label(one, language),
            "sheet": sheet(one, taken.get(one.id, ()), language)._asdict(),
        }
        for one in chosen
    ]
    return _paper("hazard", chosen, language) | {"sheets": sheets}


def continuity(
    floor: Floor,
    found: World,
    one: Exhibit,
    taken: Sequence[Row],
    proven: str,
    made: Mapping[str, str],
    language: Language = "en",
) -> dict[str, Any]:
    """The continuity report of an exhibit, with those that it was split from.

    Args:
        floor: whose log proves it.
        found: every exhibit.
        one: which.
        taken: readings of it and of what it was split from.
        proven: what `proving` gives, as text; its hash stands in the report.
        made: at, by, purpose and authority of who makes it.
        language: of the report.
    """
    line, say = lineage(found, one)[::-1], WORDS[language]
    size = json.loads(proven)["size"]
    root_ = floor.log_root(size).hex()
    return _paper("continuity", line, language) | {
        "exercise": floor.settings.exercise,
        "title": say["title"].format(one.number),
        "printed": say["printed"].format(**made),
        "facts": _facts(found, one, language),
        "chapters": [_chapter(floor, each, language) for each in line],
        "balance": _balance(found, one, language),
        "balance_of": say["balance"].format(root(found, one).number),
        "readings": [readings.reading_line(row, language) for row in taken],
        "certificates": [
            f"{row['document']}, {row['analyst']}, {row['day']}: {row['why']}"
            for each in line
            for row in each.certified
        ],
        "proof": say["proof_says"].format(size=size, root=root_),
        "hash": sha256(proven.encode()).hexdigest(),
        "key": floor.signer.verifier.text,
    }


def pdf(data: dict[str, Any], at: datetime) -> bytes:
    """A paper as PDF. Raises `Refusal`."""
    language = data["language"]
    try:
        return typesetting.pdf(
            _template(), data, lambda n, first: MISSING[language].format(n=n, first=first), at
        )
    except typesetting.Unset as error:
        refuse(NO_PDF, problem=str(error))


@cache
def _template() -> bytes:
    return (files(__package__) / "custody.typ").read_bytes()


def _paper(form: str, chosen: Sequence[Exhibit], language: Language) -> dict[str, Any]:
    return {
        "form": form,
        "language": language,
        "words": WORDS[language],
        "marking": join(one.marking for one in chosen),
        "title": WORDS[language]["label"] if form == "labels" else TITLE[language],
        "exercise": False,
        "printed": "",
    }


def _label(one: Exhibit, language: Language) -> dict[str, Any]:
    return {
        "id": one.id,
        "bars": bars(one.id),
        "qr": qr(one.id),
        "number": one.number[:LENGTH],
        "what": one.called[:LENGTH],
        "seal": one.seal or WORDS[language]["none"],
        "mass": written(one.mass, language) if one.state == "held" else words(one.state, language),
        "day": one.day.isoformat(),
        "holder": one.holder,
        "file": str(one.first["file"] or ""),
        "flags": [words(flag, language) for flag in one.flags],
        "marking": one.marking,
    }


def _facts(found: World, one: Exhibit, language: Language) -> list[list[str]]:
    say, seizure = WORDS[language], root(found, one).first
    return [
        [say["exhibit"], f"{one.number} ({one.id})"],
        [say["what"], one.called],
        [
            say["seized"],
            f"{seizure['day']}, {seizure['by']}, {seizure['agency'] or '–'}, {seizure['file'] or '–'}",
        ],
        [say["law"], str(seizure["law"] or "–")],
        [say["place"], str(seizure["place"] or "–")],
        [say["from"], str(seizure["subject"] or "–")],
        [say["state"], words(one.state, language)],
        [say["holder"], one.holder],
        [say["seal"], one.seal or say["none"]],
    ]


def bars(text: str) -> list[int]:
    """Return the widths of a text's Code 128 (ISO/IEC 15417) in modules, a bar first, without quiet zones."""
    from barcode import Code128

    (modules,) = Code128(text).build()
    return [len(list(run)) for _, run in groupby(modules)]


def qr(text: str) -> str:
    """Return a text's QR code (ISO/IEC 18004; 15 % may be damaged) as SVG, four quiet modules around it."""
    import segno

    drawn = BytesIO()
    segno.make_qr(text, error="m").save(drawn, kind="svg", xmldecl=False, omitsize=True, border=4)
    return drawn.getvalue().decode()


def _chapter(floor: Floor, one: Exhibit, language: Language) -> dict[str, Any]:
    """The acts on one exhibit, its signed transfers, and what is odd about them."""
    transfers = [
        {
            "act": f"{row['edition']} {words(row['act'], language)}",
            "statement": row["statement"] if row["act"] == "offered" else "",
            "signature": row["signature"],
        }
        for row in one.history
        if row["statement"]
    ]
    return {
        "called": f"{one.number} ({one.id})",
        "acts": [_act(row, language) for row in one.history],
        "transfers": transfers,
        "gaps": gaps(one, language, floor.moment_of),
    }


def _act(row: Row, language: Language) -> dict[str, str]:
    say = WORDS[language]
    called = {"law": "section", "why": "result" if row["act"] == "certified" else "why"}
    said = [f"{say[called.get(name, name)]}{say['colon']} {row[name]}" for name in TOLD if row[name]]
    if row["old_seal"]:
        said.append(f"{row['old_seal']} → {row['seal']}")
    if exhausts(row):
        said.append(say["nothing_left"])
    elif row["mass"] is not None:
        error = typed(row["mass_error"] or 0.0, language)
        said.append(f"{typed(row['mass'], language)} g (u = {error} g)")
    return {
        "n": str(row["edition"]),
        "at": _when(row),
        "who": row["by"],
        "act": words(row["act"], language),
        "seal": row["seal"] or "–",
        "said": "; ".join(said),
        "record": f"{row['record_id'].hex()}; {row['position']}",
    }


TOLD: Final = ("law", "place", "analyst", "document", "to", "witness", "amount", "packaging", "why")
"""Particulars of an act that are printed, each with its word."""


def _when(row: Row) -> str:
    """The moment in UTC, and the calendar day of the place where it was another."""
    text = minute(row["observed_at"])
    return text if text.startswith(row["day"].isoformat()) else f"{text} ({row['day']})"


def gaps(
    one: Exhibit, language: Language = "en", logged: Callable[[int], datetime] | None = None
) -> list[str]:
    """Return sentences on what a court should know about the history of an exhibit.

    Args:
        one: the exhibit.
        language: of the sentences.
        logged: when the act at a position of the log was written; None: nothing is said of late entries.
    """
    say, found = GAPS[language], []
    for at, row in enumerate(one.history):
        told = {"n": row["edition"], "why": row["why"] or "–", "to": row["to"], "analyst": row["analyst"]}
        told |= {"old": row["old_seal"], "new": row["seal"] or WORDS[language]["none"]}
        told["reason"] = (row["why"] if row["act"] == "weighed" else None) or say["unexplained"]
        told["by"] = row["by"]
        odd = [*row["doubts"], *(["resealed"] if row["act"] == "resealed" else [])]
        if row["act"] == "redated":  # its doubts are by now those of the act that it corrected
            odd = ["redated"]
            wrong = next(each for each in reversed(one.history[:at]) if each["act"] != "redated")
            told |= {"wrong": wrong["edition"], "first": minute(wrong["first_at"])}
        if row["act"] in ("split", "consumed") and one.history[at - 1]["seal"] and at:
            told |= {"old": one.history[at - 1]["seal"], "what": words(row["act"], language)}
            odd.append("opened")
        if row["act"] == "submitted" and not any(each["act"] == "received" for each in one.history[at + 1 :]):
            odd.append("carried")
        if row is one.offer:
            odd.append("offered")
        hours = (logged(row["position"]) - row["observed_at"]) / HOUR if logged else 0.0
        if hours > LATE_ENTRY and row["act"] != "redated":
            odd.append("late-entry")
        told["hours"] = round(hours)
        found += [say[each].format(**told) for each in odd]
    return found


def _balance(found: World, one: Exhibit, language: Language) -> list[list[str]]:
    made = balancing.balance(found, root(found, one))
    if made.entered is None:
        return []
    names = {
        "en": ("came in", "consumed", "destroyed", "returned", "used", "remaining", "found by weighings"),
        "fr": ("entré", "consommé", "détruit", "restitué", "utilisé", "reste", "trouvé par pesée"),
    }[language]
    masses = (
        made.entered,
        made.consumed,
        made.destroyed,
        made.returned,
        made.used,
        made.remaining,
        made.difference,
    )
    lines = [[name, written(mass, language)] for name, mass in zip(names, masses, strict=True)]
    say, number = WORDS[language], {id_: found[id_].number for id_ in found}
    for id_, apart in made.unexplained:
        lines.append([say["unexplained"], f"{number[id_]}, {apart.edition}: {written(apart.mass, language)}"])
    if made.subtracted:
        lines.append([say["subtracted"], ", ".join(number[id_] for id_ in made.subtracted)])
    return lines


# The hazard sheet that goes with an exhibit: what is known to be dangerous about it, and how it is handled.
#
# Handling in our own words, after what occupational health services publish on fentanyl for responders: NIOSH
# (“Fentanyl: Emergency Responders at Risk”) and the Workplace Hazardous Materials regime. Nothing here is
# about making anything. Whether these rules suffice is for the institution's own safety officer.


class Sheet(NamedTuple):
    """Headings and lines of a hazard sheet."""

    title: str
    why: tuple[str, ...]
    handling: tuple[str, ...]
    exposed: tuple[str, ...]
    note: str


_UNKNOWN: Final = {
    "en": "Nobody has identified it by analysis: treat it as the most dangerous thing it may be.",
    "fr": "Aucune analyse ne l’a identifiée\u00a0: traitez-la comme la plus dangereuse des possibilités.",
}
_FENTANYL: Final = {
    "en": "It is, or may be, fentanyl or one of its kind: small amounts can stop breathing.",
    "fr": "C’est, ou ce peut être, du fentanyl ou l’un de ses semblables\u00a0: de petites quantités peuvent "
    "arrêter la "
    "respiration.",
}
_OTHER: Final = {
    "en": "No flag of fentanyl stands on it; mixtures are common, so that is no proof of its absence.",
    "fr": "Aucun indicateur de fentanyl n’y figure; les mélanges sont courants, ce n’est donc pas une preuve "
    "d’absence.",
}
_HANDLING: Final = {
    "en": (
        "Two people: one handles, one watches. Have naloxone and somebody trained to give it within reach.",
        "Nitrile gloves, two pairs, changed when torn or soiled; sleeves closed; eye protection.",
        (
            "Where powder is loose or may become so: a fitted particulate respirator (P100, or N95 at the "
            "least) and "
            "a ventilated enclosure. No fan, no shaking, no brushing."
        ),
        "Open it only where the task needs it, over a tray; weigh and sample in the enclosure.",
        (
            "No eating, drinking, smoking or touching of the face. Wash with soap and cool water afterwards; "
            "alcohol-based hand rub is not for this."
        ),
        "Seal it again, wipe the outside, and mark what was used as contaminated waste.",
    ),
    "fr": (
        (
            "À deux\u00a0: l’un manipule, l’autre surveille. De la naloxone et quelqu’un formé à "
            "l’administrer à "
            "portée."
        ),
        (
            "Deux paires de gants de nitrile, changées si déchirées ou souillées; manches fermées; "
            "protection des yeux."
        ),
        (
            "Si la poudre est libre ou peut le devenir\u00a0: un appareil de protection ajusté (P100, ou "
            "N95 au "
            "moins) et "
            "une enceinte ventilée. Ni ventilateur, ni secousse, ni brosse."
        ),
        "N’ouvrez que si la tâche l’exige, au-dessus d’un plateau; pesez et prélevez dans l’enceinte.",
        (
            "Ne mangez, ne buvez, ne fumez pas, ne touchez pas au visage. Lavez ensuite au savon et à l’eau "
            "fraîche; "
            "le désinfectant à base d’alcool ne convient pas."
        ),
        "Remettez sous scellé, essuyez l’extérieur, et marquez ce qui a servi comme déchet contaminé.",
    ),
}
_EXPOSED: Final = {
    "en": (
        (
            "Slow or no breathing, drowsiness, pinpoint pupils: call 911, give naloxone, support the "
            "breathing, stay."
        ),
        "Powder on skin: do not rub; wash at once with soap and much cool water.",
        "Powder in eyes or mouth: rinse with water, and be seen by a physician.",
    ),
    "fr": (
        (
            "Respiration lente ou absente, somnolence, pupilles serrées\u00a0: appelez le 911, donnez la "
            "naloxone, soutenez la respiration, restez."
        ),
        "Poudre sur la peau\u00a0: ne frottez pas; lavez aussitôt au savon et à grande eau fraîche.",
        "Poudre dans les yeux ou la bouche\u00a0: rincez à l’eau et voyez un médecin.",
    ),
}
TITLE: Final = {"en": "Hazard sheet", "fr": "Fiche de danger"}
_NOTE: Final = {
    "en": "The institution’s own procedure goes before this sheet.",
    "fr": "La procédure de l’institution prime cette fiche.",
}


def sheet(one: Exhibit, taken: Sequence[Row] = (), language: Language = "en") -> Sheet:
    """The sheet of an exhibit: why it may be dangerous, and what to do.

    Args:
        one: the exhibit, with its flags and certificates.
        taken: readings of it.
        language: of the sheet.
    """
    hinted = any(readings.potent(key, row["observed_at"].date()) for row in taken for key in _named(row))
    why = [_FENTANYL[language] if hinted or FENTANYL in one.flags else _OTHER[language]]
    if not one.certified:
        why.append(_UNKNOWN[language])
    why += [readings.reading_line(row, language) for row in taken]
    why += [f"{row['document']} ({row['analyst']}): {row['why']}" for row in one.certified]
    return Sheet(TITLE[language], tuple(why), _HANDLING[language], _EXPOSED[language], _NOTE[language])


def _named(row: Row) -> list[str]:
    """Keys of what a reading does not rule out."""
    found = [one["substance"] for one in row["results"] or () if one["level"] != "not-detected"]
    return [key for key in (*found, row["substance"] if row["level"] != "not-detected" else None) if key]
