"""Rows of `response` from customs' answers to postal items (CUSRSP).

An item's answer is its processing indicator (GIS or GEI, data element 7365) by UN/EDIFACT's own code list.
The UPU's list of treatments is not public: a code of that list, or of any list that the indicator names
(1131), is a fault, and no answer is guessed.
"""

from collections.abc import Iterator

from watchfloor.formats import manifests
from watchfloor.formats.base import Fault
from watchfloor.formats.edifact import words
from watchfloor.formats.edifact.declared import identity
from watchfloor.formats.edifact.groups import Group
from watchfloor.formats.edifact.message import Message, code_of, list_of, partly
from watchfloor.formats.manifests import Row


def answered(message: Message, group: Group) -> Iterator[Row | Fault]:
    """The answers of an item; a fault where it has none that is known."""
    draft = message.take(group)
    try:
        key, document, _ = identity(message, draft)
        at = message.at
    except ValueError as error:
        yield Fault(group.where, str(error), group.raw)
        return
    yield from (partly(one, why) for one, why in draft.notes)
    if not draft.indicators:
        yield Fault(group.where, f"{document} has no answer: neither GIS nor GEI", group.raw)
    why = manifests.line(draft.texts) or None
    for one in draft.indicators:
        code = code_of(one)
        if own := list_of(one):
            reason = f"{document} has the answer {code!r} of the code list {own!r}, which is not known"
            yield Fault(group.where, reason, group.raw)
            continue
        if code not in words.ANSWER:
            known = ", ".join(words.ANSWER)
            yield Fault(
                group.where, f"{document} has the answer {code!r}, which is not known; {known} are", group.raw
            )
            continue
        yield Row(
            "response",
            {
                "report_key": f"{document}:{message.head.number or message.begin.reference}:{code}",
                "origins": [],
                "observed_at": at,
                "locator": group.where,
                "subject": key,
                "document": document,
                "answer": words.ANSWER[code],
                "code": code,
                "why": why,
                "by": message.begin.of.sender or None,
            },
        )
