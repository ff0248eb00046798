"""Deconfliction: who holds what somebody else asks about is told of it, and who asks is told nothing.

Two agencies that work one target blind endanger both. So a query or a task that names a subject is compared
with what its author may not see. What is held there is a hit under its own marking: whoever may see that may
see the hit, and nobody else, the author included. The owner then makes contact, denies, or stays silent; only
the first two reach the author.

Each query logs one act `hit`, with the hits or with none: the log grows alike whatever is held.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Literal

import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.cell.acts import minute, new_id, nonempty, pick, refuse
from watchfloor.core.marking import parse
from watchfloor.core.messages import declare
from watchfloor.core.subjects import SubjectError, parts
from watchfloor.policy.policy import Reader, allowed, mask
from watchfloor.store.floor import Floor
from watchfloor.store.log import Act, Actor
from watchfloor.store.views import WHOLE

Verdict = Literal["contact", "deny", "silent"]

TOUCHED: Final[Mapping[str, tuple[str, ...]]] = {
    "party": ("subject",),
    "report": ("subjects", "mentions"),
    "judgement": ("subject", "about"),
    "outcome": ("subjects",),
    "task": ("subjects",),
    "disclosure": ("subjects",),
    "payment": ("payer", "payee", "conductor"),
    "account": ("subject", "holder"),
    "reading": ("subject",),
    "declaration": ("subject", "importer", "consignee", "shipper"),
}
"""Columns of each kind that name subjects. Signals need no look: they name what their records name."""

NO_TARGET: Final = frozenset({"substance", "place"})
"""Types of subjects that nobody works as a target; a thousand files name the same substance."""

DUTY: Final = Actor("deconfliction", "telling an owner that somebody asks", "deconfliction duty of the floor")
"""Who logs a hit: not its author, who is not to find it among his own acts."""

ANSWERED = declare("cell.hit-answered", "hit", "by", "at", "verdict_words")


@dataclass(frozen=True, slots=True)
class Hit:
    """Somebody asked about what is held.

    Attributes:
        hit: its id.
        at: when he asked.
        owners: originators of what is held, where its marking names them.
        marking: of what is held.
        subjects: typed keys that he named and that are held.
        by: who asked.
        organisation: whose he is.
        purpose: what for, in his words.
        authority: under which law.
        what: which command.
        verdict: contact, deny or silent; None while unanswered.
        answer: what the owner says to him.
        answered_by: who of the owner's.
        answered_at: when.
    """

    hit: str
    at: datetime
    owners: tuple[str, ...]
    marking: str
    subjects: tuple[str, ...]
    by: str
    organisation: str
    purpose: str
    authority: str
    what: str
    verdict: Verdict | None = None
    answer: str = ""
    answered_by: str = ""
    answered_at: datetime | None = None


def named(text: str) -> list[str]:
    """Subjects that a query's words name: typed keys, and numbers that prove themselves."""
    keys = [word for word in text.replace('"', " ").split() if _is_key(word)]
    return list(dict.fromkeys([*keys, *_numbers(text)]))


def _numbers(text: str) -> list[str]:
    if not any(map(str.isdigit, text)):
        return []
    from watchfloor.formats.documents.mentions import (
        mentions,  # loads phonenumbers, which most commands do without
    )

    return [one.subject for one in mentions(text)]


def log_hits(floor: Floor, reader: Reader, authority: str, subjects: Iterable[str], what: str) -> None:
    """Log, in one act, a hit for each marking under which these subjects are held out of sight.

    Says nothing, gives nothing back and logs one act, whatever is found: it is called for every query alike.

    Args:
        floor: where it was asked.
        reader: who asked, and what for.
        authority: under which law.
        subjects: typed keys that the query or task named.
        what: the command, such as `lead` or `task`.
    """
    when = datetime.now(UTC).isoformat()
    found = [
        {
            "hit": new_id(floor.key, "hit", marking, reader.name, what, when),
            "owners": sorted(parse(marking).originators),
            "marking": marking,
            "subjects": sorted(keys),
        }
        for marking, keys in sorted(held(floor, reader, subjects).items())
    ]
    asked = {"by": reader.name, "organisation": reader.organisation, "asked_for": reader.purpose}
    floor.act(DUTY, "hit", asked | {"under": authority, "what": what, "hits": found})


def held(floor: Floor, reader: Reader, subjects: Iterable[str]) -> dict[str, set[str]]:
    """Of these subjects those that rows name which the reader may not see, by the rows' marking."""
    targets = pa.array(
        {key for key in subjects if _is_key(key) and parts(key)[0] not in NO_TARGET}, pa.string()
    )
    found: defaultdict[str, set[str]] = defaultdict(set)
    if not len(targets) or floor.view(reader, floor.position) == WHOLE:  # nothing here is hidden from him
        return {}
    for kind, columns in TOUCHED.items():
        rows = floor.whole(kind, [*columns, "marking"])
        hidden = rows.filter(pc.invert(mask(reader, rows.column("marking"))))
        for column in columns:
            for marking, key in _touching(hidden, column, targets):
                found[marking].add(key)
    return dict(found)


def hits(floor: Floor, reader: Reader) -> dict[str, Hit]:
    """Hits on what the reader may see, by id, oldest first, each with its answer."""
    answers = _answers(floor)
    return {
        one["hit"]: _hit(at, one, answers.get(one["hit"]))
        for at, one in _logged(floor.acts_of("hit"))
        if allowed(reader, parse(one["marking"]))
    }


def answer(
    floor: Floor, actor: Actor, reader: Reader, start: str, verdict: Verdict, text: str | None
) -> tuple[Hit, int]:
    """Answer a hit; gives it as it stands then, and the position. Raises `Refusal`."""
    one = pick(hits(floor, reader), start, "hit", "share deconflict hits")
    if one.verdict is not None:
        refuse(
            ANSWERED,
            hit=one.hit,
            by=one.answered_by,
            at=minute(one.answered_at) if one.answered_at else "",
            verdict_words=one.verdict,
        )
    says = nonempty(text, "text") if verdict == "contact" else (text or "").strip()
    detail = {"hit": one.hit, "verdict": verdict, "text": says, "by": actor.name}
    position = floor.act(actor, "hit-answered", detail)
    return hits(floor, reader)[one.hit], position


def notices(floor: Floor, name: str) -> list[Hit]:
    """Return owners' answers to the queries of one person: contacts and denials, without the marking."""
    told = _answers(floor)
    return [
        _hit(at, one, told[one["hit"]])
        for at, one in _logged(floor.acts_of("hit"))
        if one["by"] == name and told.get(one["hit"], {}).get("verdict") in ("contact", "deny")
    ]


def _answers(floor: Floor) -> dict[str, dict[str, Any]]:
    """The answer to each hit, with when it was given."""
    acts = floor.acts_of("hit-answered")
    return {act.detail["hit"]: {**act.detail, "at": act.at} for act in acts if act.detail}


def _logged(acts: Iterable[Act]) -> Iterator[tuple[datetime, dict[str, Any]]]:
    """When each hit was logged, and what its act says of it and of who asked."""
    for act in acts:
        said = act.detail or {}
        yield from ((act.at, {**said, **one}) for one in said.get("hits", ()))


def _is_key(text: str) -> bool:
    try:
        parts(text)
    except SubjectError:
        return False
    return True


def _touching(rows: pa.Table, column: str, targets: pa.Array) -> Sequence[tuple[str, str]]:
    """Marking and subject of each row whose column names a target."""
    values = rows.column(column).combine_chunks()
    parents = None
    if pa.types.is_list(values.type):
        parents, values = pc.list_parent_indices(values), pc.list_flatten(values)
    if pa.types.is_struct(values.type):
        values = pc.struct_field(values, "subject")
    hit = pc.is_in(values, targets)
    which = pc.indices_nonzero(hit)
    markings = rows.column("marking").take(which if parents is None else parents.take(which))
    return list(zip(markings.to_pylist(), values.take(which).to_pylist(), strict=True))


def _hit(at: datetime, detail: Mapping[str, Any], reply: Mapping[str, Any] | None) -> Hit:
    return Hit(
        detail["hit"],
        at,
        tuple(detail["owners"]),
        detail["marking"],
        tuple(detail["subjects"]),
        detail["by"],
        detail["organisation"],
        detail["asked_for"],
        detail["under"],
        detail["what"],
        *((reply["verdict"], reply["text"], reply["by"], reply["at"]) if reply else ()),
    )
