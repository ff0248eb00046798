"""What the rules say: one row an assertion, to be made a signal by the desk."""

from typing import NamedTuple

from watchfloor.records.messages import Reason


class Event(NamedTuple):
    """An assertion of a rule, or its revision, or its withdrawal.

    Attributes:
        rule, version: under which rule.
        tracks: numbers of the tracks it is about, the foremost first.
        claimed: numbers of the identities it is about.
        window: sets it apart from others of the same rule and subjects; the same for every revision.
        at: first moment it could be known, seconds: the clock of the fold.
        since, until: what it is about, seconds; until is NaN while it goes on.
        retracted: whether the rule takes it back.
        strength: band, see `watchfloor.desks.surveillance.events.strength.BANDS`.
        score: 0 to 1.
        latitude, longitude: where, degrees.
        radius: metres within which it is.
        life_at_risk: whether it outranks every crime.
        marks: stretches that are marked and not asserted, see `disputed_areas`.
        why: the sentence.
        row: number of the point, in the batch, that made it known.
        was: number of the track that the foremost one took up, -1 for none: one object, as far as we know.
    """

    rule: str
    version: str
    tracks: tuple[int, ...]
    claimed: tuple[int, ...]
    window: str
    at: float
    since: float
    until: float
    retracted: bool
    strength: str
    score: float
    latitude: float
    longitude: float
    radius: float
    life_at_risk: bool
    marks: tuple[str, ...]
    why: Reason
    row: int
    was: int = -1
