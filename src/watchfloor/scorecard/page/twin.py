"""The machine-readable twin: the scorecard as JSON, and as JSON-LD in the vocabulary of schema.org.

A claim is a `ClaimReview`. Its rating has a name in words and no number: a verdict is no mark out of five.
Each figure is a `Dataset` with the digest of its rows; a commitment is a `PlanAction` with its day and state;
any other sentence of the register is a `Claim`. Things need no address: ids are version 5 UUIDs of names,
and the same thing has the same id every week. The context is in the document: nobody has to fetch one.
"""

from datetime import date
from typing import Any, Final
from uuid import UUID, uuid5

import msgspec

from watchfloor.core.messages import Language
from watchfloor.scorecard.bilingual import Text
from watchfloor.scorecard.departments import departments
from watchfloor.scorecard.findings import Evidence, Figure, Finding, Line, Scorecard
from watchfloor.scorecard.page.page_words import term, words

Node = dict[str, Any]

VOCABULARY: Final = "https://schema.org/"
SPACE: Final = UUID("5d1f9c1e-3a64-5f0b-9a57-0f6f0c2a7b11")
"""Namespace of the ids."""

CONTEXT: Final = {
    "@vocab": VOCABULARY,
    **{
        name: {"@id": f"{VOCABULARY}{name}", "@type": f"{VOCABULARY}Date"}
        for name in ("datePublished", "scheduledTime", "startTime", "expires")
    },
}
STATUS: Final = {
    "announced": "PotentialActionStatus",
    "late": "PotentialActionStatus",
    "no-evidence": "PotentialActionStatus",
    "delivered": "ActiveActionStatus",
    "in-service": "CompletedActionStatus",
}
"""What schema.org calls the state of a commitment; its own word stands beside it."""


def json(card: Scorecard) -> bytes:
    """The scorecard itself; `load` reads it back unchanged."""
    return _written(card)


def load(data: bytes) -> Scorecard:
    """A scorecard from its JSON. Raises `msgspec.MsgspecError` for what is none."""
    return msgspec.json.decode(data, type=Scorecard)


def jsonld(card: Scorecard, address: str = "", language: Language = "en") -> bytes:
    """The scorecard as JSON-LD; its bytes depend on the arguments alone.

    Args:
        card: the scorecard.
        address: of the page where it is published, which those who collect reviews ask for; empty: unknown.
        language: of the page's first half, to which links lead.
    """
    at = f"{address}#{language}-claim-" if address else ""
    figures = [(one, figure) for one in card.findings for figure in (*one.figures, *one.also)]
    graph = [
        _office(),
        _report(card) | ({"url": address} if address else {}),
        _dataset(card),
        *_departments(card),
        *(_review(card, one) | ({"url": at + one.claim} if at else {}) for one in card.findings),
        *(_figure(card, one, figure) for one, figure in figures),
        *(_line(card, one) for one in card.lines),
    ]
    return _written({"@context": CONTEXT, "@graph": [_dense(one) for one in graph]})


def urn(*names: str) -> str:
    """The id of what has these names."""
    return uuid5(SPACE, "\n".join(names)).urn


def _written(value: object) -> bytes:
    return msgspec.json.format(msgspec.json.encode(value, order="deterministic"), indent=1) + b"\n"


def _office() -> Node:
    return {"@id": urn("office"), "@type": "GovernmentOrganization", "name": _both(words()["page.office"])}


def _departments(card: Scorecard) -> list[Node]:
    codes = {one.department for one in card.findings} | {one.department for one in card.lines}
    codes |= {each.department for one in card.findings for each in (*one.figures, *one.also)}
    known = departments()
    return [
        {
            "@id": urn("department", code),
            "@type": "GovernmentOrganization",
            "name": _both(known[code].name) if code in known else code,
            "identifier": code,
        }
        for code in sorted(codes - {""})
    ]


def _report(card: Scorecard) -> Node:
    names = words()
    notices = [names[f"page.{card.edition}_says"]]
    if card.exercise:
        notices.insert(0, names["page.exercise_says"])
    return {
        "@id": urn("report", card.on.isoformat(), card.edition),
        "@type": "Report",
        "name": _both(names["page.title"]),
        "abstract": _all(notices),
        "datePublished": card.on,
        "inLanguage": ["en", "fr"],
        "publisher": _ref("office"),
        "creativeWorkStatus": _both(names[f"page.{card.edition}"]),
        "conditionsOfAccess": card.marking,
        "version": card.version,
        "isBasedOn": _ref("evidence", card.digest),
        "text": _all(card.changed),
        "hasPart": [_ref("review", one.claim, card.on.isoformat(), card.edition) for one in card.findings],
        "mentions": [_ref("line", one.id) for one in card.lines],
    }


def _dataset(card: Scorecard) -> Node:
    return {
        "@id": urn("evidence", card.digest),
        "@type": "Dataset",
        "name": _both(card.evidence),
        "identifier": _digest(card.digest),
    }


def _review(card: Scorecard, one: Finding) -> Node:
    on = card.on.isoformat()
    return {
        "@id": urn("review", one.claim, on, card.edition),
        "@type": "ClaimReview",
        "identifier": one.claim,
        "name": _both(one.title),
        "claimReviewed": _both(one.words),
        "datePublished": card.on,
        "author": _ref("office"),
        "publisher": _ref("office"),
        "contributor": _ref("department", one.department),
        "itemReviewed": {
            "@id": urn("claim", one.claim),
            "@type": "Claim",
            "text": _both(one.words),
            "author": {"@type": "Organization", "name": _both(one.by)},
            "datePublished": one.said_on,
            "appearance": {
                "@type": "CreativeWork",
                "name": _both(one.by),
                "datePublished": one.said_on,
            },
        },
        "reviewRating": {
            "@type": "Rating",
            "alternateName": _both(term("verdict", one.verdict)),
            "ratingExplanation": _both(one.why),
        },
        "reviewBody": _both(one.sure),
        "comment": [
            {"@type": "Comment", "text": _both(said)}
            for said in (*(each.text for each in one.warnings), *one.notes, *_more(one))
        ],
        "isBasedOn": [
            _ref("figure", one.claim, each.name, on, card.edition) for each in (*one.figures, *one.also)
        ],
    }


def _more(one: Finding) -> list[Text]:
    return [said for said in (one.tried, one.seasonal, one.interrupted, one.nowcast) if said is not None]


def _figure(card: Scorecard, one: Finding, figure: Figure) -> Node:
    measured: Node = {
        "@type": "PropertyValue",
        "name": figure.measure,
        "value": figure.value,
        "description": _both(figure.shown),
    }
    if figure.interval:
        measured |= {
            "minValue": figure.interval.low,
            "maxValue": figure.interval.high,
            "measurementTechnique": f"{figure.interval.method}, {figure.interval.level:g}",
        }
    return {
        "@id": urn("figure", one.claim, figure.name, card.on.isoformat(), card.edition),
        "@type": "Dataset",
        "name": _both(figure.label),
        "description": _both(figure.shown),
        "variableMeasured": measured,
        "datePublished": list(figure.vintages),
        "creator": _ref("department", figure.department) if figure.department else None,
        "citation": _both(figure.cited) if figure.cited else None,
        "isPartOf": _ref("evidence", card.digest),
        "size": f"{figure.rows}",
        "alternateName": f"{one.claim} {figure.name}",
        "identifier": _digest(figure.digest) if figure.digest else None,
    }


def _line(card: Scorecard, one: Line) -> Node:
    shown = one.shown
    usual: Node = {
        "@id": urn("line", one.id),
        "identifier": one.id,
        "disambiguatingDescription": _both(term("kind", one.kind)),
    }
    if one.kind != "commitment":
        return usual | {
            "@type": "Claim",
            "text": _both(one.says),
            "claimInterpreter": _ref("department", one.department),
            "abstract": _both(one.found) if one.found and shown else None,
            "description": _both(_verdict(one.verdict)) if one.verdict and shown else None,
            "subjectOf": _ref("review", one.claim, card.on.isoformat(), card.edition)
            if one.claim in {each.claim for each in card.findings}
            else None,
            "creativeWorkStatus": _both(term("agreement", one.agreement)),
            "citation": [_cited(each) for each in one.evidence] if shown else [],
            "expires": one.until,
        }
    late = "late" if one.id in card.late else one.state
    return usual | {
        "@type": "PlanAction",
        "name": _both(one.says),
        "description": _all([term("state", late), term("agreement", one.agreement)]),
        "agent": _ref("department", one.department),
        "actionStatus": {"@id": VOCABULARY + STATUS.get(late, "PotentialActionStatus")},
        "startTime": one.announced_on if shown else None,
        "scheduledTime": one.due if shown else None,
        "object": _amount("announced", one.announced, one) if shown else None,
        "result": [
            _amount(name, value, one)
            for name, value in (("delivered", one.delivered), ("in-service", one.in_service))
            if value is not None
        ]
        if shown
        else [],
        "subjectOf": [_cited(each) for each in one.evidence] if shown else [],
    }


def _verdict(name: str) -> Text:
    key = f"verdict.{name}"
    return words()[key] if key in words() else term("state", name)


def _amount(state: str, value: float | None, one: Line) -> Node | None:
    if value is None:
        return None
    return {
        "@type": "QuantitativeValue",
        "name": _both(term("state", state)),
        "value": value,
        "unitText": _both(one.unit) if one.unit else None,
    }


def _cited(one: Evidence) -> Node:
    return {
        "@type": "CreativeWork",
        "name": _both(one.what),
        "identifier": one.source,
        "datePublished": one.day,
    }


def _digest(text: str) -> Node:
    return {"@type": "PropertyValue", "propertyID": "SHA-256", "value": text}


def _ref(*names: str) -> Node:
    return {"@id": urn(*names)}


def _both(said: Text) -> Any:
    """A text in both languages; one that reads alike in both once."""
    if said.en == said.fr:
        return said.en
    return [{"@value": said.en, "@language": "en"}, {"@value": said.fr, "@language": "fr"}]


def _all(many: list[Text] | tuple[Text, ...]) -> list[Any]:
    return [each for said in many for each in ([said.en] if said.en == said.fr else _both(said))]


def _dense(node: Any) -> Any:
    """Without what is not said, and with days as text."""
    if isinstance(node, dict):
        return {
            key: _dense(value)
            for key, value in node.items()
            if value is not None and value != [] and value != ""
        }
    if isinstance(node, list | tuple):
        return [_dense(each) for each in node]
    return node.isoformat() if isinstance(node, date) else node
