"""What a person is told by notices is what they would be told in a world without what they may not see."""

from datetime import timedelta

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from tests.cli.test_noninterference import EVERY, steps
from tests.cli.worlds import KINDS
from tests.console.test_noninterference import SUBJECTS, consoles
from tests.thorough import draws

from watchfloor.actions.notices import shown
from watchfloor.casework import saved_views
from watchfloor.casework.notices import subscriptions
from watchfloor.console.endpoints.endpoint import Asker
from watchfloor.console.live.bell import unread
from watchfloor.store.log import Actor

FOLLOWED = (
    *(("subject", one) for one in SUBJECTS),
    ("place", "45,-74,500000"),
    ("stretch", "main:4800-5200"),
    ("view", "All"),
    ("view", "Mine"),
)


def told(one, user, purpose):
    """Notices of a person who followed all of that before anything came, their bell, and what was made."""
    root, now = one.floor.root, one.floor.now()
    for name, query in (("All", ""), ("Mine", "state=mine")):
        saved_views.save(root, user, name, query, now)
    for number, (kind, target) in enumerate(FOLLOWED):  # of one moment, ids that are random order them
        at = now + timedelta(microseconds=number)
        subscriptions.follow(root, Actor(user, purpose, "an Act, s. 1"), kind, target, 1, at)
    assert one.services.notices.settle(120)
    asker = Asker(one.services, one.session, **({"at": one.at} if one.at else {}))
    rows = [msgspec.to_builtins(each, enc_hook=str) for each in shown(asker)]
    made = sorted(one.new[2:6] for one in subscriptions.notices(root, user))  # hidden ones are not even made
    return [row | {"subscriptions": len(row["subscriptions"])} for row in rows], unread(asker), made


def differs(happened, user, purpose):
    with consoles(happened, user, purpose) as both:
        whole, less = (told(one, user, purpose) for one in both)
    assert whole == less
    return whole


SOME = [one for one in EVERY if one.what in ("list", "party", "report", "task", "note", "outcome")]


@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    "happened", [SOME, pytest.param(EVERY, marks=pytest.mark.thorough)], ids=["some", "every"]
)
def test_of_everything_that_happens_a_follower_is_told_their_part(happened):
    rows, count, _ = differs([one for one in happened if one.what != "until"], "clerk", "border")
    assert rows
    assert count == min(len(rows), 100)


@pytest.mark.timeout(7200)
@pytest.mark.thorough
@settings(max_examples=draws(60), deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(steps(KINDS, 6))
def test_whatever_happens_a_follower_is_told_their_part(happened):
    differs(happened, "clerk", "border")
