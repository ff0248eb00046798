"""Who may deliver to which feed, and where the files of everybody else go.

A feed's records replace earlier ones of the same feed, so who may write under its name may take away what
others read. On a floor with a policy only the deliverers and the owner that `feeds.toml` names do; where it
names none, a supervisor. What somebody else brings is kept as a feed of their own, `by-NAME`, whose records
replace nothing but their own.
"""

import re
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Final

from watchfloor.core.marking import parse
from watchfloor.feeds.config import OWN, PERSONAL, SOURCE, Feed, Feeds, reserved
from watchfloor.policy import terms
from watchfloor.policy.policy import Reader, allowed
from watchfloor.store import settings
from watchfloor.store.log import Actor
from watchfloor.store.readers import NotPermitted

DESCRIBES: Final[terms.Role] = "supervisor"
"""The role that delivers to every feed which names nobody, and that says how a feed is read."""


@dataclass(frozen=True, slots=True)
class Deliverer:
    """A person who delivers, as the floor's policy has them.

    Attributes:
        reader: name, clearance and purpose.
        role: None where the floor has no policy: then everybody may deliver everything.
        feeds: of the floor, the hidden ones too.
    """

    reader: Reader
    role: terms.Role | None
    feeds: Feeds

    def may(self, source: str) -> bool:
        """Whether this person may write under the name of a feed."""
        if self.role is None:
            return True
        if source.startswith(OWN):
            return source == self.own or self.role == DESCRIBES
        feed = self.feeds.feed(source)
        seen = source not in self.feeds.by_name or self._sees(feed)
        return not reserved(source) and seen and self._named(feed)

    @property
    def known(self) -> Feeds:
        """The feeds that are not hidden from this person; the others are to them as if absent."""
        if self.role is None:
            return self.feeds
        seen = {name: feed for name, feed in self.feeds.by_name.items() if self._sees(feed)}
        return Feeds(seen, {name: one for name, one in self.feeds.mappings.items() if name in seen})

    def source(self, feed: str) -> str:
        """Return the name under which this person's delivery for a feed is kept."""
        return feed if self.may(feed) else self.own

    @property
    def own(self) -> str:
        """The feed of what this person brings; names that a feed cannot have are told apart by a digest."""
        name = self.reader.name
        if SOURCE.fullmatch(name):
            return f"{OWN}{name}"
        return f"{OWN}{re.sub(r'[^a-z0-9._-]', '-', name.lower())}-{sha256(name.encode()).hexdigest()[:8]}"

    @property
    def describes(self) -> bool:
        """Whether this person may say how a feed is read, and that a shorter list is whole."""
        return self.role in (None, DESCRIBES)

    def refuse_whole(self) -> None:
        """Raise `NotPermitted` for who may not confirm that a list is whole."""
        if not self.describes:
            raise NotPermitted(
                f"{self.reader.name} is no {DESCRIBES} of this floor; ask one to confirm that the lists are "
                "whole"
            )

    def refuse_describing(self) -> None:
        """Raise `NotPermitted` for who may not say how feeds are read."""
        if not self.describes:
            raise NotPermitted(
                f"{self.reader.name} is no {DESCRIBES} of this floor; ask one to save how a feed is read"
            )

    def _sees(self, feed: Feed) -> bool:
        return allowed(self.reader, parse(feed.marking or PERSONAL)) or self._stated(feed)

    def _named(self, feed: Feed) -> bool:
        return self._stated(feed) or (not feed.deliverers and self.role == DESCRIBES)

    def _stated(self, feed: Feed) -> bool:
        """Whether the feed names this person, or the role."""
        return not {self.reader.name, self.role}.isdisjoint({*feed.deliverers, feed.owner})


def deliverer(root: Path, actor: Actor, feeds: Feeds) -> Deliverer:
    """Return who acts as the policy of the floor in that folder has them. Raises `NotPermitted`."""
    policy, here = terms.load(root), settings.read(root)
    reader = Reader(actor.name, here.country, here.name, purpose=actor.purpose)
    if policy is None:
        return Deliverer(reader, None, feeds)
    if actor.name not in policy.readers:
        raise NotPermitted(f"{root / terms.NAME} names no reader {actor.name!r}")
    return Deliverer(policy.reader(reader), policy.readers[actor.name].role, feeds)
