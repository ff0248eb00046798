"""Writers that are killed: a process that imports once, then forks a writer for each line on its input.

A line says: start number, seconds to live. Each acknowledged act is a line of output, `ack FIRST COUNT`;
after the kill comes `dead`.
"""

import os
import signal
import sys
import time
from itertools import count

from tests.store.rows import ingest, parties

from watchfloor.store import Actor, Floor, blobs, intake
from watchfloor.store import writer as writing
from watchfloor.store.segments import compaction, draft

ACTOR = Actor("child", "testing", "none")


def say(*words):
    os.write(1, (" ".join(map(str, words)) + "\n").encode())


def small_segments():
    for module in (draft, intake, writing):
        module.SMALL = 4
    draft.ROWS = compaction.ROWS = 64
    blobs.SMALL = 64


def write(floor, start):
    """Deliveries of 90 rows, single live rows, compactions, until killed."""
    with floor.writer(ACTOR) as writer:
        for n in count(start, 100):
            ingest(writer, range(n, n + 90))
            say("ack", n, 90)
            for m in range(n + 90, n + 100):
                writer.append("party", parties([m]))
                say("ack", m, 1)
            writer.compact()


def main(root):
    small_segments()
    floor = Floor.open(root)
    with floor.writer(ACTOR) as writer:  # compile before anybody is timed
        ingest(writer, [])
        writer.append("party", parties([10**12]))
    for line in sys.stdin:
        start, seconds = line.split()
        child = os.fork()
        if not child:
            write(floor, int(start))
        time.sleep(float(seconds))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        say("dead")


if __name__ == "__main__":
    main(sys.argv[1])
