"""A whole session between two floors of one machine: for exercises and benchmarks, without a courier."""

from datetime import datetime

from watchfloor.exchange.partnership.receiving import ReceivedMessage, receive
from watchfloor.exchange.partnership.steps import Reply
from watchfloor.store.floor import Floor
from watchfloor.store.log import Actor


def carry(
    first: Reply, asker: Floor, answerer: Floor, actor: Actor, now: datetime
) -> dict[str, ReceivedMessage]:
    """Carry messages to and fro until none is left; gives what each side has, by the node's name.

    Each floor sees the bytes alone, as if they had come by a file, and takes its turn as its own writer.

    Args:
        first: what `asking.ask` gave.
        asker: the floor that asked.
        answerer: the floor that was asked.
        actor: whose acts they are, on both.
        now: with a time zone.

    Raises:
        watchfloor.cell.acts.Refusal: a side does not take a message.
        watchfloor.policy.gateways.Refusal: a gateway does not let something go.
    """
    found: dict[str, ReceivedMessage] = {}
    data, here, there = first.data, answerer, asker
    while data:
        with here.writer(actor) as writer:
            taken = receive(here, writer, data, f"message from {there.settings.name}", now)
        found[here.settings.name] = taken
        data, here, there = taken.reply.data, there, here
    return found
