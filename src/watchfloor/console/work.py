"""Long work that a page starts and does not wait for; it runs in the process of `jobs`."""

from typing import Final

from watchfloor.cell import rerun as desks_again
from watchfloor.console.jobs import Say
from watchfloor.desks.registry import declare_messages, desks
from watchfloor.run.floor import behind
from watchfloor.store.floor import Floor
from watchfloor.store.log import Actor

PATIENCE: Final = 600.0
"""Seconds that a job waits for another that writes: nobody waits for it."""


def rerun(root: str, actor: Actor, say: Say) -> int:
    """Run the desks on what somebody decided; gives how many ran, 0 where another run has read it already."""
    declare_messages()
    floor = Floor.open(root)
    if not behind(floor, desks().values()):
        return 0
    with floor.writer(actor, PATIENCE) as writer:
        done = desks_again.rerun(floor, writer, floor.reader(actor.name, actor.purpose))
    say("", len(done))
    return len(done)
