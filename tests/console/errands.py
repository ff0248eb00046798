"""What jobs of a process of their own do in tests; a child loads this alone, and not what a test loads."""

import os
import time
from pathlib import Path


def die(say):
    say("dying", 1)
    os._exit(9)


def add(one, other, say):
    say("adding", 2)
    return one + other


def hang(path, say):
    Path(path).write_text("", "utf-8")
    while True:
        time.sleep(60)


def hold(root, actor, path, say):
    from watchfloor.store.floor import Floor

    with Floor.open(root).writer(actor):
        hang(path, say)
