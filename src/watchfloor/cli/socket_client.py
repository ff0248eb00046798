"""Commands by way of a service, for people who have no access to the floor's files: the person's side.

`--floor unix:PATH`, or WATCHFLOOR_FLOOR so, names the socket on which `watchfloor serve --socket
PATH` listens. The service runs the command for the account of the system that asks, with this process' input
and output.
"""

import array
import json
import os
import socket
import struct
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Final

SCHEME: Final = "unix:"
HEAD: Final = struct.Struct(">I")
"""Bytes of the JSON that follows; with this head come the descriptors of input, output and errors."""
MOST: Final = 256 << 10
"""Bytes of a request."""
PASSED: Final = (
    *("WATCHFLOOR_USER", "WATCHFLOOR_PURPOSE", "WATCHFLOOR_AUTHORITY"),
    *("COLUMNS", "LINES", "NO_COLOR", "FORCE_COLOR", "TERM"),
)
"""Variables that a command gets from whoever asks: who, what for, by what right, and how the screen is."""
COMMANDS: Final[dict[str, tuple[str, ...]]] = {
    **dict.fromkeys(("controlled", "lead", "record", "screen", "search"), ()),
    "leads": tuple(
        "apart audit calibration compare confirm decide fits link mentions merge outcome unmerge".split()
    ),
    "cases": ("custody", "product", "referral", "seizure", "task", "watch"),
    "feeds": ("quarantine",),
    "lab": ("devices", "reading"),
    "share": ("deconflict",),
    "floor": ("log", "marking"),
    "admin": ("account",),
}
"""Commands that a service runs for people, by group, see `socket_server`.

Each asks the policy who may do what. Those that make or move floors, erase, exchange, or serve are for who
keeps the floor; those whose arguments are files read from no floor, such as `listed`, need no service.
"""


def address(words: Sequence[str], environment: Mapping[str, str]) -> str:
    """Return the path of the socket that a command line names; empty where it names none.

    A variable sends only commands there that a service runs: the others may need no floor at all.
    """
    for place, word in enumerate(words):
        if word == "--":
            break
        value = word.removeprefix("--floor=") if word.startswith("--floor=") else None
        if word == "--floor" and place + 1 < len(words):
            value = words[place + 1]
        if value is not None:
            return value.removeprefix(SCHEME) if value.startswith(SCHEME) else ""
    floor = environment.get("WATCHFLOOR_FLOOR", "")
    if not floor.startswith(SCHEME) or not words or words[0] not in COMMANDS:
        return ""
    of_group = COMMANDS[words[0]]
    alone = not of_group or words[1:2] == [] or words[1].startswith("-")
    return floor.removeprefix(SCHEME) if alone or words[1] in of_group else ""


def without_floor(words: Sequence[str]) -> list[str]:
    """Return a command line without the floor: the service has one."""
    kept: list[str] = []
    skip = False
    for place, word in enumerate(words):
        if word == "--":
            return kept + list(words[place:])
        if skip or word.startswith("--floor="):
            skip = False
        elif word == "--floor":
            skip = True
        else:
            kept.append(word)
    return kept


def relay(path: str, words: Sequence[str]) -> int:
    """Have a service run a command; gives its exit code. Ctrl+C ends it there too.

    Raises:
        OSError: nobody listens there, or it does not let this account in.
    """
    environment = {name: os.environ[name] for name in PASSED if name in os.environ}
    asked = json.dumps({"words": without_floor(words), "environment": environment}).encode()
    with socket.socket(socket.AF_UNIX) as wire:
        try:
            wire.connect(path)
        except OSError as error:
            raise OSError(error.errno, error.strerror, path) from None
        sys.stdout.flush()
        handed = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", (0, 1, 2)))]
        wire.sendmsg([HEAD.pack(len(asked))], handed)
        with suppress(BrokenPipeError):  # refused before it was read; the answer says why
            wire.sendall(asked)
        answer = b""
        while piece := wire.recv(1 << 16):
            answer += piece
    if not answer:
        sys.stderr.write("watchfloor: the service ended before the command did\n")
        return 5
    told = json.loads(answer)
    if told.get("refused"):
        sys.stderr.write(f"watchfloor: {told['refused']}\n")
    return int(told["code"])
