"""Words and tables of `watchfloor gateway`, in both languages."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from watchfloor.exchange.records_due import Owed
    from watchfloor.records.messages import Language
    from watchfloor.release.gateway_table import Table
    from watchfloor.release.gateways import Gateway, RiskCheck

HEADS: Final = {
    "en": ("gateway", "law", "from", "to", "purpose", "forms", "needs", "until"),
    "fr": ("passerelle", "loi", "de", "à", "fin", "formes", "exige", "jusqu’au"),
}
NONE: Final = {
    "en": "No gateway fits. Without one nothing may go; counsel can add a row to the node's gateways.toml.",
    "fr": "Aucune passerelle ne convient. Sans elle rien ne peut aller; le conseiller juridique peut ajouter "
    "une ligne au gateways.toml du nœud.",
}
NEEDS: Final[Mapping[str, Mapping[str, str]]] = {
    "en": {"accuracy": "accuracy", "basis": "basis", "risk": "risk check"},
    "fr": {"accuracy": "exactitude", "basis": "fondement", "risk": "évaluation du risque"},
}
FORMS: Final[Mapping[str, Mapping[str, str]]] = {
    "en": {"signal": "signal", "pointer": "pointer", "evidence": "evidence"}
    | {"pack": "pack", "counts": "counts", "cardinality": "cardinality", "match": "match"},
    "fr": {"signal": "signal", "pointer": "renvoi", "evidence": "preuve"}
    | {"pack": "lot", "counts": "comptes", "cardinality": "cardinalité", "match": "appariement"},
}
OWED: Final = {
    "en": ("record", "date", "gateway", "bundle", "party", "missing"),
    "fr": ("dossier", "date", "passerelle", "lot", "partie", "manque"),
}
NOTHING: Final = {
    "en": "Nothing that asks for a record was disclosed or received in {year}, as far as you may see.",
    "fr": "Rien qui exige un dossier n’a été communiqué ni reçu en {year}, pour ce que vous pouvez voir.",
}
UNKNOWN: Final = {
    "en": "the table does not know this gateway: ask counsel which record it owes",
    "fr": "la table ne connaît pas cette passerelle : demandez au conseiller juridique quel dossier est dû",
}
RISKS: Final = {
    "en": ("partner", "country", "substantial risk", "measures", "decided by", "on", "stands until"),
    "fr": ("partenaire", "pays", "risque sérieux", "mesures", "décidé par", "le", "vaut jusqu’au"),
}
NO_RISKS: Final = {
    "en": "No risk of mistreatment was checked yet: watchfloor gateway risk-check --partner NAME",
    "fr": "Aucun risque de mauvais traitements n’a encore été évalué : watchfloor gateway risk-check "
    "--partner NOM",
}
RISK_WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "en": {"no": "no", "yes": "yes", "mitigated": "mitigated"},
    "fr": {"no": "non", "yes": "oui", "mitigated": "atténué"},
}


def line(table: "Table", one: "Gateway", lang: "Language") -> tuple[str, ...]:
    """A gateway as a line of the list."""
    return (
        one.id,
        one.citation,
        ", ".join(sorted(one.from_)),
        ", ".join(sorted(one.to)),
        getattr(table.purposes[one.purpose], lang),
        ", ".join(FORMS[lang][form] for form in sorted(one.forms)),
        ", ".join(_needs(one, lang)),
        str(one.expires or ""),
    )


def told_of(table: "Table", one: "Gateway", lang: "Language") -> Iterator[tuple[str, str]]:
    """Each thing to know of a gateway, with its name."""
    from watchfloor.release.gateways import called

    law = table.laws[one.law]
    read = {
        "en": ("read in the consolidation of {}", "unread"),
        "fr": ("lue dans la codification du {}", "non lue"),
    }
    french = lang == "fr"
    yield ("loi" if french else "law"), f"{getattr(law.title, lang)}, {one.section}"
    yield ("état" if french else "status"), read[lang][not one.checked].format(law.read)
    yield ("aussi" if french else "also"), ", ".join(one.also)
    yield ("de" if french else "from"), called(one.from_, lang)
    yield ("à" if french else "to"), called(one.to, lang)
    yield ("fin" if french else "purpose"), f"{one.purpose}: {getattr(table.purposes[one.purpose], lang)}"
    yield ("critère" if french else "test"), one.test[lang]
    yield ("exige" if french else "needs"), ", ".join(_needs(one, lang))
    yield ("fondement" if french else "basis"), one.basis.get(lang, "")
    yield ("formes" if french else "forms"), ", ".join(FORMS[lang][form] for form in sorted(one.forms))
    for kind, columns in sorted(one.fields.items()):
        yield kind, ", ".join(sorted(columns))
    yield ("dossiers" if french else "records"), "; ".join(_titles(table, one, lang))
    yield ("dates", f"{one.since} – {one.expires or ''}")
    yield "note", one.note.get(lang, "")


def _needs(one: "Gateway", lang: "Language") -> list[str]:
    return [NEEDS[lang][need] for need in (*sorted(one.needs), *(["risk"] if one.foreign else []))]


def _titles(table: "Table", one: "Gateway", lang: "Language") -> Iterator[str]:
    for name in one.records:
        row = table.records[name]
        yield f"{row.law} {row.section}: {getattr(row.title, lang)}"


def about(one: "Gateway") -> dict[str, Any]:
    """A gateway as JSON has it."""
    return {
        "id": one.id,
        "law": one.law,
        "section": one.section,
        "also": list(one.also),
        "from": sorted(one.from_),
        "to": sorted(one.to),
        "purpose": one.purpose,
        "test": dict(one.test),
        "forms": sorted(one.forms),
        "fields": {kind: sorted(columns) for kind, columns in sorted(one.fields.items())},
        "needs": sorted(one.needs),
        "basis": dict(one.basis),
        "records": list(one.records),
        "since": one.since,
        "expires": one.expires,
        "foreign": one.foreign,
        "checked": one.checked,
        "caveats": sorted(one.caveats),
        "note": dict(one.note),
    }


def markdown(table: "Table", found: Iterable["Gateway"], lang: "Language") -> str:
    """A table of a Markdown page."""
    rows = [HEADS[lang], tuple("---" for _ in HEADS[lang]), *(line(table, one, lang) for one in found)]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def risk_line(one: "RiskCheck", lang: "Language") -> tuple[str, ...]:
    """A check of the risk of mistreatment as a line."""
    from watchfloor.release.gateways import RISK_STANDS

    said = RISK_WORDS[lang][one.risk]
    return (one.partner, one.country, said, one.measures, one.by, str(one.on), str(one.on + RISK_STANDS))


def owed_line(one: "Owed", lang: "Language") -> tuple[str, ...]:
    """A record that is owed as a line."""
    record = f"{one.row.law} {one.row.section}" if one.row else one.record
    missing = ", ".join(one.missing) if one.row else UNKNOWN[lang]
    return record, str(one.day), one.gateway, one.bundle, one.party, missing


def record(one: "Owed", lang: "Language") -> dict[str, Any]:
    """A record that is owed as JSON has it."""
    row = one.row
    return {
        "record": one.record,
        "law": row.law if row else None,
        "section": row.section if row else None,
        "position": one.position,
        "date": one.day,
        "gateway": one.gateway,
        "citation": one.citation,
        "bundle": one.bundle,
        "party": one.party,
        "items": {answer.item.section: answer.value for answer in one.answers if answer.due},
        "missing": list(one.missing),
        "copy_to": getattr(row.copy_to, lang) if row and row.copy_to else None,
        "copy_due": one.copy_due,
        "keep_until": one.keep_until,
    }


COLUMNS: Final = (
    *("record", "law", "section", "position", "date", "gateway", "citation", "bundle", "party", "missing"),
    *("copy_to", "copy_due", "keep_until"),
)
"""Columns of the file that every record has; the items of each record follow."""


def as_csv(found: Iterable["Owed"], lang: "Language") -> str:
    """A row a record: what is asked for by its provision, a column each, and what is missing."""
    rows = [_flat(one, lang) for one in found]
    heads = list(dict.fromkeys((*COLUMNS, *(head for row in rows for head in row))))
    written = io.StringIO()
    writer = csv.DictWriter(written, heads, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows({head: _inert(value) for head, value in row.items()} for row in rows)
    return written.getvalue()


def _flat(one: "Owed", lang: "Language") -> dict[str, str]:
    said = record(one, lang)
    items = {
        f"{one.row.law} {answer.item.section}: {getattr(answer.item.what, lang)}": answer.value
        for answer in one.answers
        if one.row
    }
    missing = ", ".join(one.missing) if one.row else UNKNOWN[lang]
    plain = {head: "" if said[head] is None else str(said[head]) for head in said if head != "items"}
    return plain | {"missing": missing} | items


def _inert(value: str) -> str:
    """A text that a spreadsheet does not take for a formula."""
    return f"'{value}" if value[:1] in {"=", "+", "-", "@", "\t", "\r"} else value


def duties(found: Iterable["Owed"], lang: "Language") -> list[str]:
    """By when whom a copy is owed, a line each."""
    told = {
        "en": "{law} {section}: a copy of each goes to the {whom} by {due}",
        "fr": "{law} {section} : une copie de chacun va à l’{whom} au plus tard le {due}",
    }
    lines = (
        told[lang].format(
            law=one.row.law,
            section=one.row.due_section,
            whom=getattr(one.row.copy_to, lang),
            due=one.copy_due,
        )
        for one in found
        if one.row and one.copy_due
    )
    return list(dict.fromkeys(lines))
