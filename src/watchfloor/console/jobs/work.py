"""Long work that a page starts and does not wait for; it runs in the process of `jobs`."""

import time
from typing import Final

from watchfloor.casework.watch.alerting import raise_alerts
from watchfloor.cell import rerun as desks_again
from watchfloor.console.jobs.jobs import Say
from watchfloor.desks.registry import declare_messages, desks
from watchfloor.exchange.partners import partner
from watchfloor.exchange.partners import publish as publishing
from watchfloor.run.floor import behind
from watchfloor.store.errors import FloorBusy
from watchfloor.store.floor import Floor
from watchfloor.store.log import Actor
from watchfloor.store.writer import Writer

TURN: Final = 0.5
"""Seconds that a job waits before it asks whether it is to stop."""
PATIENCE: Final = 600.0
"""Seconds that a job waits for another that writes: nobody waits for it."""


def waited(floor: Floor, actor: Actor, patience: float, say: Say) -> Writer:
    """The floor's writer, waited for; a job that is told to stop meanwhile does. Raises as `Floor.writer`."""
    until = time.monotonic() + patience
    while True:
        say("", 0)
        try:
            return floor.writer(actor, TURN)
        except FloorBusy:
            if time.monotonic() > until:
                raise


def rerun(root: str, actor: Actor, say: Say) -> int:
    """Run the desks on what somebody decided; gives how many ran, 0 where another run has read it already."""
    declare_messages()
    floor = Floor.open(root)
    if not behind(floor, desks().values()):
        return 0
    with waited(floor, actor, PATIENCE, say) as writer:
        done = desks_again.rerun(floor, writer, floor.reader(actor.name, actor.purpose))
    raise_alerts(floor, actor)
    say("", len(done))
    return len(done)


def publish(root: str, name: str, actor: Actor, say: Say) -> int:
    """Disclose to a partner what is new; gives how many rows."""
    declare_messages()
    floor = Floor.open(root)
    one = partner.partner_of(partner.known(floor), name)
    made = publishing.publish(floor, one, floor.now(), lambda share: say(f"{share:.0%}", 0), actor)
    say("", made.rows)
    return made.rows
