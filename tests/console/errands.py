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


def note(path, word):
    with Path(path).open("a", encoding="utf-8") as file:
        file.write(f"{word}\n")


def plus(root: str, path: str, number: int, say) -> int:
    note(path, f"add{number}")
    return number


def begin_and_wait(root: str, path: str, say) -> str:
    """Go on until the file `go` is there."""
    note(path, "slow")
    while not (Path(root) / "go").exists():
        say("going on", 1)
        time.sleep(0.01)
    return ""


def take(root: str, upload: str, path: str, say) -> str:
    note(path, "take")
    return Path(upload).read_text("utf-8")
