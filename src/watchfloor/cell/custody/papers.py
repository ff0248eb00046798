"""Papers about exhibits as plain data: labels to print, the hazard sheet, the continuity report for a court.

`pdf` sets them with `custody.typ`. A continuity report names every act with its record, its position in the
log, the root that its proof leads to and the hash of the file of proofs, which `proofs_of` gives.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Any, Final

from watchfloor.cell import typesetting
from watchfloor.cell.acting.acts import Row, minute, refuse, words
from watchfloor.cell.custody import balance as balancing
from watchfloor.cell.custody import code128, hazards, readings
from watchfloor.cell.custody.exhibits import Exhibit, World, lineage, root
from watchfloor.cell.custody.masses import written
from watchfloor.records.marking import join
from watchfloor.records.messages import Language, declare
from watchfloor.store import checkpoints, proofs, standalone, standalone_rows
from watchfloor.store.floor import Floor

NO_PDF: Final = declare(
    "custody.no-pdf", en="it cannot be made a PDF: {problem}", fr="le PDF ne peut être fait : {problem}"
)
MISSING: Final = {
    "en": "{n} characters that no font draws stand as their numbers, such as {first}",
    "fr": "{n} caractères qu’aucune police ne dessine figurent par leur numéro, comme {first}",
}
WORDS: Final = {
    "en": {
        "title": "Continuity of exhibit {}",
        "exercise": "EXERCISE",
        "exhibit": "Exhibit",
        "what": "taken to be",
        "seized": "seized",
        "law": "power",
        "place": "place",
        "from": "found in",
        "holder": "held by",
        "state": "state",
        "seal": "seal",
        "acts": "Acts, oldest first",
        "at": "when",
        "who": "who",
        "act": "act",
        "said": "particulars",
        "record": "record; position in the log",
        "transfers": "Transfers, each signed by giver and receiver",
        "statement": "statement",
        "signed": "signature",
        "gaps": "What a court should know",
        "no_gaps": "Nothing odd is recorded.",
        "balance": "Mass balance (± is the expanded uncertainty, k = 2)",
        "readings": "Field readings, presumptive until an analyst says",
        "certificates": "Certificates and reports of analysts (CDSA ss. 45(2), 51)",
        "s51": "A certificate or report is proof of what it states in the absence of evidence to the "
        "contrary "
        "(s. 51(1)); with leave of the court, the other side may require the analyst to attend (s. 51(2)).",
        "proof": "Proof",
        "proof_says": "The log had {size} acts and the root {root} when this was made. Each record above "
        "is proven "
        "to stand in that log by the file of proofs; who has this node’s public key checks it alone.",
        "key": "public key",
        "printed": "made {at} by {by}, for {purpose}, under {authority}",
        "none": "none",
        "label": "Label",
        "handling": "Handling",
        "exposed": "If somebody is exposed",
        "why": "Why",
        "hash": "SHA-256 of the file of proofs",
    },
    "fr": {
        "title": "Continuité de la pièce {}",
        "exercise": "EXERCICE",
        "exhibit": "Pièce",
        "what": "tenue pour",
        "seized": "saisie",
        "law": "pouvoir",
        "place": "lieu",
        "from": "trouvée dans",
        "holder": "détenue par",
        "state": "état",
        "seal": "scellé",
        "acts": "Actes, du plus ancien au plus récent",
        "at": "quand",
        "who": "qui",
        "act": "acte",
        "said": "détails",
        "record": "enregistrement; position au journal",
        "transfers": "Remises, chacune signée par qui donne et qui reçoit",
        "statement": "énoncé",
        "signed": "signature",
        "gaps": "Ce qu’un tribunal doit savoir",
        "no_gaps": "Rien d’inhabituel n’est inscrit.",
        "balance": "Bilan de masse (± est l’incertitude élargie, k = 2)",
        "readings": "Lectures de terrain, présomptives jusqu’à l’avis d’un analyste",
        "certificates": "Certificats et rapports d’analystes (LRCDAS, par. 45(2), art. 51)",
        "s51": "Sauf preuve contraire, le certificat ou le rapport fait foi de son contenu (par. 51(1)); "
        "avec "
        "l’autorisation du tribunal, l’autre partie peut exiger la présence de l’analyste (par. 51(2)).",
        "proof": "Preuve",
        "proof_says": "Le journal comptait {size} actes et avait la racine {root} quand ceci fut fait. Le "
        "fichier "
        "des preuves montre que chaque enregistrement ci-dessus est dans ce journal; qui a la clé "
        "publique du "
        "nœud le vérifie seul.",
        "key": "clé publique",
        "printed": "fait le {at} par {by}, pour {purpose}, en vertu de {authority}",
        "none": "aucun",
        "label": "Étiquette",
        "handling": "Manipulation",
        "exposed": "En cas d’exposition",
        "why": "Pourquoi",
        "hash": "SHA-256 du fichier des preuves",
    },
}
"""Words of the template."""

GAPS: Final = {
    "en": {
        "heavier": "act {n}: it weighed more than it did, beyond twice the standard uncertainty: {why}",
        "lighter": "act {n}: it weighed less than it did, beyond twice the standard uncertainty: {why}",
        "late-application": "act {n}: the application came after the 60 days of s. 24(1)",
        "unsealed": "act {n}: it was under no seal",
        "resealed": "act {n}: seal {old} was broken, seal {new} put on: {why}",
        "carried": "act {n}: submitted to {analyst}; no transfer to anybody is signed after it",
        "offered": "act {n}: offered to {to}, who has not signed",
        "late-entry": "act {n}: written into the log {hours} hours after it was done",
    },
    "fr": {
        "heavier": "acte {n} : elle pesait plus qu’avant, au-delà de deux fois l’incertitude-type : {why}",
        "lighter": "acte {n} : elle pesait moins qu’avant, au-delà de deux fois l’incertitude-type : {why}",
        "late-application": "acte {n} : la demande est venue après les 60 jours du par. 24(1)",
        "unsealed": "acte {n} : elle n’était sous aucun scellé",
        "resealed": "acte {n} : scellé {old} brisé, scellé {new} posé : {why}",
        "carried": "acte {n} : transmise à {analyst}; aucune remise n’est signée ensuite",
        "offered": "acte {n} : offerte à {to}, qui n’a pas signé",
        "late-entry": "acte {n} : inscrit au journal {hours} heures après avoir été fait",
    },
}
"""What a court should know, by what was odd."""

HOUR: Final = timedelta(hours=1)
LATE_ENTRY: Final = 24.0
"""Hours after which an act that is written down is said to be late."""

LENGTH: Final = 200
"""Letters of a text that a label has room for."""


def labels(chosen: Sequence[Exhibit], language: Language = "en") -> dict[str, Any]:
    """Labels to print: the exhibit's id as Code 128, and what a person must read at a glance."""
    return _paper("labels", chosen, language) | {"labels": [_label(one, language) for one in chosen]}


def hazard(
    chosen: Sequence[Exhibit], taken: Mapping[str, Sequence[Row]], language: Language = "en"
) -> dict[str, Any]:
    """A hazard sheet for each exhibit; `taken` are the readings of each, by its id."""
    sheets = [
        {
            "label": _label(one, language),
            "sheet": hazards.sheet(one, taken.get(one.id, ()), language)._asdict(),
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
        proven: what `proofs_of` gives, as text; its hash stands in the report.
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
        "readings": [readings.told(row, language) for row in taken],
        "certificates": [
            f"{row['document']}, {row['analyst']}, {row['day']}: {row['why']}"
            for each in line
            for row in each.certified
        ],
        "proof": say["proof_says"].format(size=size, root=root_),
        "hash": sha256(proven.encode()).hexdigest(),
        "key": floor.signer.verifier.text,
    }


def proofs_of(floor: Floor, found: World, one: Exhibit) -> str:
    """A proof of every act on an exhibit and on those it was split from, JSON, as `verify.py` takes each."""
    size = floor.position
    rows = [row for each in lineage(found, one) for row in each.history]
    rows.sort(key=lambda row: row["position"])  # of one commit a part stands before the split
    said = {
        "size": size,
        "checkpoint": checkpoints.signed(floor.signer, size, floor.log_root(size)),
        "acts": [
            {
                "exhibit": row["exhibit"],
                "edition": row["edition"],
                "record": row["record_id"].hex(),
                "proof": proofs.as_json(floor.prove(row["record_id"], size)),
            }
            for row in rows
        ],
    }
    return json.dumps(said, indent=1) + "\n"


def check_proofs(text: str, keys: Sequence[str]) -> list[dict[str, Any]]:
    """What each act says whose proof stands in such a file, without the floor.

    Args:
        text: of the file.
        keys: public keys of the node, as people exchange them.

    Raises:
        Failed: it is no such file, a proof does not hold, or none of the keys signed its checkpoint.
    """
    try:
        said = json.loads(text)
        _, size, root_ = standalone.checkpoint_of(standalone.open_note(said["checkpoint"], *keys)[0])
        given = [each["proof"] for each in said["acts"]]
        if any(each["size"] != size for each in given):
            raise standalone.Failed("a proof leads to another size of the log than the checkpoint's")
        return [standalone_rows.check_record(each, root_) for each in given]
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise standalone.Failed(f"this is no file of proofs: {error}") from error


def pdf(data: dict[str, Any], at: datetime) -> bytes:
    """A paper as PDF. Raises `Refused`."""
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
        "title": WORDS[language]["label"] if form == "labels" else hazards.TITLE[language],
        "exercise": False,
        "printed": "",
    }


def _label(one: Exhibit, language: Language) -> dict[str, Any]:
    return {
        "id": one.id,
        "bars": code128.widths(one.id),
        "number": one.number[:LENGTH],
        "what": one.called[:LENGTH],
        "seal": one.seal or WORDS[language]["none"],
        "mass": written(one.mass, language),
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
    said = [
        str(row[name])
        for name in ("law", "place", "analyst", "document", "to", "witness", "amount", "packaging", "why")
        if row[name]
    ]
    if row["old_seal"]:
        said.append(f"{row['old_seal']} → {row['seal']}")
    if row["mass"] is not None:
        said.append(f"{row['mass']:g} g (u = {row['mass_error']:g} g)")
    return {
        "n": str(row["edition"]),
        "at": minute(row["observed_at"]),
        "who": row["by"],
        "act": words(row["act"], language),
        "seal": row["seal"] or "–",
        "said": "; ".join(said),
        "record": f"{row['record_id'].hex()}; {row['position']}",
    }


def gaps(
    one: Exhibit, language: Language = "en", logged: Callable[[int], datetime] | None = None
) -> list[str]:
    """What a court should know about the history of an exhibit, in sentences.

    Args:
        one: the exhibit.
        language: of the sentences.
        logged: when the act at a position of the log was written; None: nothing is said of late entries.
    """
    say, found = GAPS[language], []
    for at, row in enumerate(one.history):
        told = {"n": row["edition"], "why": row["why"] or "–", "to": row["to"], "analyst": row["analyst"]}
        told |= {"old": row["old_seal"], "new": row["seal"]}
        odd = [*row["doubts"], *(["resealed"] if row["act"] == "resealed" else [])]
        if row["act"] == "submitted" and not any(each["act"] == "received" for each in one.history[at + 1 :]):
            odd.append("carried")
        if row is one.offer:
            odd.append("offered")
        hours = (logged(row["position"]) - row["observed_at"]) / HOUR if logged else 0.0
        if hours > LATE_ENTRY:
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
    return [[name, written(mass, language)] for name, mass in zip(names, masses, strict=True)]
