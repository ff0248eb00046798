"""What may be done about a referral: refer, record a hit of a lookout, say how it ended, amend, withdraw."""

from collections.abc import Callable, Mapping
from typing import Final

import msgspec

from watchfloor.cell.acting.acts import Post, words
from watchfloor.cell.dates import moment_of_field
from watchfloor.cell.referrals import keeping, lookouts, making
from watchfloor.cell.referrals.life import Change, Found, Pick
from watchfloor.console.endpoint import Asker, Done, Endpoint, NotHere
from watchfloor.store.lock import PATIENCE

FOLLOWS: Final[Mapping[str, str]] = {
    "examined": "examined",
    "not-examined": "not-examined",
    "amend": "amended",
    "withdraw": "withdrawn",
}
"""What an act is called, and the state that it makes."""


class Referred(msgspec.Struct, frozen=True):
    """What was done, as a sentence, the referral's id, and its marking."""

    said: str
    referral: str
    marking: str


class ReferAsk(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An item to be referred.

    Attributes:
        subject: typed key of the parcel or container.
        means: how it is to be examined.
        deadline: until when it can be held: a day, its end, or a moment.
        unit: who examines.
        grounds: an officer's, in his own words; needed to open mail; `badge`: whose.
        law: another section than the item's stream has.
        mode, direction: where no declaration says them.
    """

    subject: str
    means: str
    deadline: str
    unit: str = ""
    grounds: str = ""
    badge: str = ""
    law: str = ""
    mode: str = ""
    direction: str = ""


class HitAsk(ReferAsk, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The same of an item that a lookout names: the lookout's id, and what happened, in words."""

    task: str
    why: str


class ActAsk(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An act on a referral.

    Attributes:
        referral: its id.
        edition: that you looked at; without it, the present one.
        why: the reason, in words.
        anyway: also where somebody acted on it meanwhile.
    """

    referral: str
    edition: int | None = None
    why: str = ""
    anyway: bool = False


class ExaminedAsk(ActAsk, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What an examination gave; `means` where it was another, grounds where mail was opened without any."""

    result: str = ""
    found: list[str] = []
    substance: str = ""
    means: str = ""
    grounds: str = ""
    badge: str = ""


class NotExaminedAsk(ActAsk, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The reason, a word of the list; `why` has the officer's words."""

    reason: str = ""


class AmendAsk(ActAsk, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What is changed; what is left empty stays."""

    means: str = ""
    deadline: str = ""
    unit: str = ""
    grounds: str = ""
    badge: str = ""


def refer(asker: Asker, ask: ReferAsk) -> Referred:
    """Refer an item for inspection. Mail is opened on an officer's grounds alone."""
    asked = _pick(ask)
    return _told(asker, _write(asker, lambda post: keeping.refer_one(post, asked)))


def hit(asker: Asker, ask: HitAsk) -> Referred:
    """Record a hit on a lookout that names an item, and refer the item where it is not yet."""
    asked, subject = _pick(ask), making.item_key(ask.subject)

    def record(post: Post) -> keeping.Done:
        done = lookouts.record(post, ask.task, subject, ask.why, asked)
        return keeping.Done(done.referral, done.position)

    return _told(asker, _write(asker, record))


def examined(asker: Asker, ask: ExaminedAsk) -> Done:
    """Say what an examination gave. Nothing found is no clearance."""
    what = Found(ask.result, ask.means or None, tuple(ask.found), ask.substance or None, ask.why or None)
    return _act(
        asker,
        ask,
        lambda post, on: keeping.examined(
            post, ask.referral, what, ask.grounds or None, ask.badge or None, on
        ),
    )


def not_examined(asker: Asker, ask: NotExaminedAsk) -> Done:
    """Say why an item was not examined: a reason of the list, and words."""
    return _act(
        asker, ask, lambda post, on: keeping.not_examined(post, ask.referral, ask.reason, ask.why, on)
    )


def amend(asker: Asker, ask: AmendAsk) -> Done:
    """Change the means, the deadline, the unit or the grounds; the law is asked again."""
    change = Change(
        ask.means or None, moment_of_field(ask.deadline, "deadline"), ask.unit or None, ask.grounds or None
    )
    return _act(
        asker,
        ask,
        lambda post, on: keeping.amend(post, ask.referral, change, ask.why, ask.badge or None, on),
    )


def withdraw(asker: Asker, ask: ActAsk) -> Done:
    """Take a referral back, with the reason. It counts in the audit."""
    return _act(asker, ask, lambda post, on: keeping.withdraw(post, ask.referral, ask.why, on))


def _pick(ask: ReferAsk) -> Pick:
    return Pick(
        ask.subject.strip(),
        ask.means,
        moment_of_field(ask.deadline, "deadline"),
        unit=ask.unit.strip() or None,
        grounds=ask.grounds or None,
        badge=ask.badge or None,
        law=ask.law or None,
        mode=ask.mode or None,
        direction=ask.direction or None,
    )


def _write(asker: Asker, make: Callable[[Post], keeping.Done]) -> keeping.Done:
    with asker.floor.writer(asker.actor, PATIENCE) as writer:
        return make(Post(asker.floor, asker.reader, writer))


def _act(asker: Asker, ask: ActAsk, make: Callable[[Post, int | None], keeping.Done]) -> Done:
    """Act on the edition that was looked at. Raises `Conflict` where it is no longer the last."""
    if ask.referral not in keeping.referrals(asker.floor, asker.reader):
        raise NotHere
    told = _told(asker, _write(asker, lambda post: make(post, None if ask.anyway else ask.edition)))
    return Done(told.said, marking=told.marking)


def _told(asker: Asker, done: keeping.Done) -> Referred:
    one = done.referral
    state = words(one.state, asker.language)
    said = asker.t("inspections.said", referral=one.id, state=state, edition=one.edition)
    return Referred(said, one.id, one.marking)


def _there(ask: msgspec.Struct, done: Referred) -> str:  # noqa: ARG001 - what was asked leads nowhere else
    return f"/inspections/{done.referral}"


WITHIN: Final = "inspections.referral"
AT: Final = "/inspections/{referral}"

ENDPOINTS: Final = (
    Endpoint(
        *("inspections.refer", "POST", "/inspections", ReferAsk, Referred, refer),
        within="inspections",
        then=_there,
    ),
    Endpoint(
        *("inspections.hit", "POST", "/inspections/hit", HitAsk, Referred, hit),
        within="inspections",
        then=_there,
    ),
    Endpoint(*("inspections.examined", "POST", f"{AT}/examined", ExaminedAsk, Done, examined), within=WITHIN),
    Endpoint(
        *("inspections.not-examined", "POST", f"{AT}/not-examined", NotExaminedAsk, Done, not_examined),
        within=WITHIN,
    ),
    Endpoint(*("inspections.amend", "POST", f"{AT}/amend", AmendAsk, Done, amend), within=WITHIN),
    Endpoint(*("inspections.withdraw", "POST", f"{AT}/withdraw", ActAsk, Done, withdraw), within=WITHIN),
)
