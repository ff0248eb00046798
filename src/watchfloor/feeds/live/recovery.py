"""What the log says of the time before a start: where sources go on, and what they have brought of late."""

from base64 import b64decode
from pathlib import Path
from typing import Final, NamedTuple

from watchfloor.feeds.live.log import commits, head_of, segments
from watchfloor.formats import redacted
from watchfloor.formats.frames import MESSAGES, REDACTED, unpack_messages

LOOKED_AT: Final = 2
"""Segments at the end of the log in which messages are looked for that a broker may deliver again."""


class Before(NamedTuple):
    """What there was.

    Attributes:
        stamp: the last moment of receipt, microseconds since 1970.
        cursors: by feed, where its source goes on.
        messages: by feed, those of late, oldest first.
    """

    stamp: int
    cursors: dict[str, bytes]
    messages: dict[str, list[bytes]]


def before(root: Path) -> Before:
    """What there was on a floor; its log is not being written."""
    stamp = 0
    cursors: dict[str, bytes] = {}
    messages: dict[str, list[bytes]] = {}
    for segment in segments(root)[-LOOKED_AT:]:
        data = segment.path.read_bytes()
        try:
            start, at = head_of(data)
        except ValueError:  # the rolling sets it aside, and says so
            continue
        stamp = max(stamp, start.stamp)
        cursors |= {one.name: b64decode(one.cursor) for one in start.sources if one.cursor}
        for frames in commits(memoryview(data), at):
            stamp = max(stamp, frames[-1].stamp)
            for frame in frames:
                if frame.what == MESSAGES:
                    name = start.sources[frame.source - 1].name
                    told = unpack_messages(frame.payload)
                    messages.setdefault(name, []).extend(told.messages)
                    cursors |= {name: told.cursor} if told.cursor else {}
                elif frame.what == REDACTED and (cursor := redacted.said(frame.payload).cursor):
                    cursors[start.sources[frame.source - 1].name] = b64decode(cursor)
    return Before(stamp, cursors, messages)
