"""The operators' log of commands: when each began and ended, who gave it, and what came of it.

A line names the command, and no argument of it: those may be about anybody. It is written where a command
reads or writes a floor, into the floor's folder or where WATCHFLOOR_LOG says. What was read, and by what
right, is in the floor's own log, which is signed; this one is for whoever looks after the machine.
"""

import os
import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import Final

from watchfloor.console.live import event_lines

VARIABLE: Final = "WATCHFLOOR_LOG"
"""Names the file; `-` is standard error, `off` nowhere."""
NAME: Final = "commands.jsonl"
MOST: Final = 5_000_000
"""Bytes after which a floor's log is put aside."""
OLD: Final = 4
"""Logs that were put aside and are kept."""
_OWN: Final = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
"""How a floor's own log is opened: a floor that somebody else made may have a link or a pipe in its place."""


class _Command:
    """Entry of the log on the command that this process runs."""

    def __init__(self) -> None:
        self.id = os.urandom(4).hex()
        self.started = time.perf_counter()
        self.floor: Path | None = None
        self.begun = False
        self.said: dict[str, object] = {}
        self.counts: Counter[str] = Counter()
        self.messages: Counter[str] = Counter()


_command: _Command | None = None
"""None: commands are called by another program, such as a test, which has a log of its own."""


def start() -> None:
    """Begin to note what the command of this process does."""
    global _command
    _command = _Command()


def name(command: str, floor: Path | None) -> None:
    """Note which command runs and which floor it is about."""
    if _command:
        _command.floor = floor
        _command.said["command"] = command


def begin(account: Callable[[], str], parameters: Mapping[str, object]) -> None:
    """Write that a command begins, where it is about a floor."""
    if _command and _command.floor is not None:
        known = {key: parameters[key] for key in ("purpose", "authority") if key in parameters}
        with suppress(OSError):  # on Windows a service has none
            _command.said["account"] = account()
        _command.said |= known
        _command.begun = True
        _write("begin", "info", {"pid": os.getpid()})


def note_user(user: str) -> None:
    """Note as whom the command acts."""
    if _command:
        _command.said["who"] = user


def count(**counts: int) -> None:
    """Add to what the command has done."""
    if _command:
        _command.counts.update(counts)


def note_message(message_id: str = "") -> None:
    """Note a message on standard error by its id, or by the place in the program that words it."""
    if _command:
        if not message_id:
            common = sys._getframe(1).f_code.co_filename
            frame = sys._getframe(2)
            while frame.f_code.co_filename == common and frame.f_back and _ours(frame.f_back):
                frame = frame.f_back  # to who called a helper that all commands share
            message_id = event_lines.place(frame.f_code.co_filename, frame.f_lineno)
        _command.messages[message_id] += 1


def _ours(frame: FrameType) -> bool:
    return frame.f_code.co_filename.startswith(str(Path(__file__).parents[1]))


def fail(error: BaseException, kind: str, *, detail: bool = False) -> str:
    """Write a failure, on standard error where there is no floor; returns the id of the incident.

    Args:
        error: what went wrong.
        kind: of failure.
        detail: whether what the error says is for operators, too.
    """
    fields = event_lines.failure(error, kind, detail=detail)
    if not _write("failure", "error", fields) and not detail:
        print(event_lines.line("failure", "error", datetime.now(UTC), fields), file=sys.stderr)
    return str(fields["incident"])


def end(code: int) -> None:
    """Write that the command has ended, and how."""
    global _command
    if _command and (_command.begun or code):
        fields: dict[str, object] = {
            "exit": code,
            "seconds": round(time.perf_counter() - _command.started, 3),
        }
        if _command.counts:
            fields["counts"] = _command.counts
        if _command.messages:
            fields["messages"] = _command.messages
        _write("end", "warning" if code else "info", fields)
    _command = None


def _write(event: str, level: str, fields: dict[str, object]) -> bool:
    """Write a line about the command; returns whether it is written. No command ends because it is not."""
    from watchfloor.store.database import SETTINGS

    if _command is None or _command.floor is None or not (_command.floor / SETTINGS).is_file():
        return False
    about = {"id": _command.id, **_command.said, "floor": _command.floor.resolve()}
    text = event_lines.line(event, level, datetime.now(UTC), about | fields) + "\n"
    where = os.environ.get(VARIABLE, "")
    if where == "off":
        return False
    if where == "-":
        return _say(text)
    path = Path(where) if where else _command.floor / NAME
    try:
        if not where and event == "begin":
            _put_aside(path)
        how = os.O_WRONLY | os.O_APPEND | os.O_CREAT | (0 if where else _OWN)
        descriptor = os.open(path, how, 0o600)
        try:
            line = text.encode(errors="backslashreplace")  # of an argument that is no UTF-8, as JSON has it
            os.write(descriptor, line)  # in one piece: other commands write here too
        finally:
            os.close(descriptor)
    except OSError as error:
        # a floor that is only read keeps none, and needs no words
        if event != "end" and (where or os.access(path.parent, os.W_OK)):
            _say(f"watchfloor: no log is written: {path}: {error.strerror}\n")
        return False
    return True


def _say(text: str) -> bool:
    """Write on standard error; returns whether somebody reads it."""
    try:
        sys.stderr.write(text)
    except (OSError, AttributeError):  # it is None where it was closed before the program began
        return False
    return True


def _put_aside(path: Path) -> None:
    """Rename a log that is full, and delete the oldest."""
    with suppress(FileNotFoundError):
        if path.stat().st_size < MOST:
            return
        # each by a name of its own: of two commands that do it at once none overwrites the other's
        path.rename(path.with_name(f"{path.stem}-{time.time_ns()}-{os.getpid()}{path.suffix}"))
        for old in sorted(path.parent.glob(f"{path.stem}-*{path.suffix}"))[:-OLD]:
            old.unlink()
