"""Commands by way of a service, for people who have no access to the floor's files: the service's side.

Whoever connects to the socket is an account of the operating system: the kernel says which (SO_PEERCRED),
and `[accounts]` of the floor's policy says which reader that is. The command runs as a process of the
service, with the input, output and errors of whoever asked, so it streams and asks back as it does at a
terminal. It may name no file: a path would be the service's, which the person may not read or write.
"""

import errno
import json
import os
import pwd
import select
import signal
import socket
import stat
import struct
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from socketserver import BaseRequestHandler, ThreadingUnixStreamServer
from tempfile import TemporaryFile
from typing import Any, Final

import typer
from typer.models import TyperPath

from watchfloor.cli import app, command_log, main
from watchfloor.cli.common import MISSING, REFUSED, USAGE, fail
from watchfloor.cli.socket_client import COMMANDS, HEAD, MOST, PASSED
from watchfloor.policy import callers

RUNNING: Final = 16
OF_ONE: Final = 4
"""Commands that run at a time, of all accounts and of one."""
PATIENCE: Final = 10.0
"""Seconds in which a request must have come, and in which an ended command may put things in order."""
LONGEST: Final = 1_000
"""Characters of a variable."""
OWN: Final = frozenset(
    "HOME LANG PATH PYTHONPATH TMPDIR TZ WATCHFLOOR_CACHE WATCHFLOOR_LOG XDG_CACHE_HOME".split()
)
"""Variables that a command gets from the service, beside those of the locale, numba and PostgreSQL."""
_START: Final = "import sys; from watchfloor.cli.socket_server import run; run(int(sys.argv[1]))"


class Unfit(Exception):  # noqa: N818 - the reason is told
    """A request that is refused; the message says why, `code` is the exit code."""

    def __init__(self, why: str, code: int = REFUSED) -> None:
        super().__init__(why)
        self.code = code


class CommandServer(ThreadingUnixStreamServer):
    """Runs the commands of people on one floor.

    Args:
        path: of the socket, which everybody may reach who can enter its folder.
        floor: on which commands are run.
    """

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, path: Path, floor: Path) -> None:
        self.floor, self.path = floor.resolve(), path
        self._running: Counter[int] = Counter()
        self._guard = threading.Lock()
        with suppress(FileNotFoundError):
            _refuse_listening(path)
            path.unlink()
        super().__init__(str(path), _Command)
        path.chmod(0o666)  # to connect is to write to it; who may do what, the policy says

    @contextmanager
    def place(self, account: int) -> Iterator[None]:
        """Hold one of the places for commands. Raises `Unfit` where there is none."""
        with self._guard:
            if self._running.total() >= RUNNING or self._running[account] >= OF_ONE:
                raise Unfit("too many commands are running here; wait until one has ended")
            self._running[account] += 1
        try:
            yield
        finally:
            with self._guard:
                self._running[account] -= 1

    def server_close(self) -> None:
        """Close the socket and take its name away."""
        super().server_close()
        self.path.unlink(missing_ok=True)


def _refuse_listening(path: Path) -> None:
    """Raise `OSError` where something else has this name than a socket that a service left behind."""
    if not stat.S_ISSOCK(path.stat().st_mode):
        raise OSError(errno.EEXIST, "this is no socket", str(path))
    with socket.socket(socket.AF_UNIX) as wire:
        try:
            wire.connect(str(path))
        except ConnectionRefusedError:
            return
    raise OSError(errno.EADDRINUSE, "another service listens here", str(path))


class _Command(BaseRequestHandler):
    """One connection: one command."""

    request: socket.socket
    server: CommandServer

    def handle(self) -> None:
        """Run the command and answer with its exit code, or with the reason why it was not run."""
        self.request.settimeout(PATIENCE)
        descriptors: list[int] = []
        try:
            account = _peer(self.request)
            with self.server.place(account.pw_uid):  # before it is read: who sends nothing holds one too
                head, descriptors, _, _ = socket.recv_fds(self.request, HEAD.size, 3)
                code = self._run(account.pw_name, _asked(self.request, head, descriptors), descriptors)
            answer: dict[str, object] = {"code": code}
        except Unfit as error:
            answer = {"code": error.code, "refused": str(error)}
        except OSError:  # the client went away
            return
        finally:
            for each in descriptors:
                os.close(each)
        with suppress(OSError):
            self.request.sendall(json.dumps(answer).encode())

    def _run(self, account: str, asked: dict[str, Any], descriptors: list[int]) -> int:
        environment = {
            name: value
            for name, value in os.environ.items()
            if name in OWN or name.startswith(("LC_", "NUMBA_", "PG"))
        }
        log = environment.pop(command_log.VARIABLE, "")
        if log not in ("", "-"):  # standard error is that of who asks: lines go to the floor's own log
            environment[command_log.VARIABLE] = log if log == "off" else str(Path(log).absolute())
        environment |= asked["environment"] | {"WATCHFLOOR_FLOOR": str(self.server.floor)}
        with TemporaryFile() as words:  # not in the arguments, which every account of the machine can list
            words.write(json.dumps({"account": account, "words": asked["words"]}).encode())
            words.seek(0)
            command = subprocess.Popen(
                [sys.executable, "-P", "-c", _START, str(words.fileno())],
                stdin=descriptors[0],
                stdout=descriptors[1],
                stderr=descriptors[2],
                cwd="/",
                env=environment,
                pass_fds=[words.fileno()],
                start_new_session=True,
            )
        return _waited(command, self.request)


def _peer(wire: socket.socket) -> pwd.struct_passwd:
    """Return the account that is at the other end, as the kernel says. Raises `Unfit`."""
    size = struct.calcsize("3i")
    _, user, _ = struct.unpack("3i", wire.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, size))
    if user == _unmapped():
        raise Unfit("the service cannot see who you are: it runs in a user namespace (PrivateUsers=)")
    try:
        return pwd.getpwuid(user)
    except KeyError:
        raise Unfit(f"the account {user} of this machine has no name") from None


def _unmapped() -> int:
    """Return the number that stands for every account which a user namespace does not know."""
    return int(Path("/proc/sys/kernel/overflowuid").read_text("ascii"))


def _asked(wire: socket.socket, head: bytes, descriptors: list[int]) -> dict[str, Any]:
    """Return what a request says. Raises `Unfit`."""
    if len(head) != HEAD.size or len(descriptors) != 3:
        raise Unfit("this is no request of the command line", USAGE)
    (size,) = HEAD.unpack(head)
    if size > MOST:
        raise Unfit("the command line is too long", USAGE)
    came = bytearray()
    while len(came) < size:
        if not (piece := wire.recv(size - len(came))):
            raise Unfit("this is no whole request", USAGE)
        came += piece
    try:
        found = json.loads(came)
        words, environment = found["words"], found["environment"]
        sound = all(isinstance(one, str) and "\0" not in one for one in (*words, *environment.values()))
    except (ValueError, LookupError, TypeError, AttributeError):
        sound = False
    if not sound or not isinstance(words, list) or not {*environment} <= {*PASSED}:
        raise Unfit("this is no request of the command line", USAGE)
    if any(len(one) > LONGEST for one in environment.values()):
        raise Unfit("a variable of the environment is too long", USAGE)
    return {"words": words, "environment": environment}


def _waited(command: "subprocess.Popen[bytes]", wire: socket.socket) -> int:
    """Return the exit code of a command, which is ended where whoever asked for it is gone."""
    with _descriptor(command.pid) as ended:
        if ended not in _readable(ended, wire.fileno()):
            for signal_ in (signal.SIGINT, signal.SIGKILL):
                with suppress(ProcessLookupError):
                    os.killpg(command.pid, signal_)
                if _readable(ended, seconds=PATIENCE):
                    break
    code = command.wait()
    return code if code >= 0 else 128 - code


def _readable(*descriptors: int, seconds: float | None = None) -> set[int]:
    """Wait for one of descriptors. `select` takes none from 1024 on, as a busy console has."""
    waiting = select.poll()
    for one in descriptors:
        waiting.register(one, select.POLLIN)
    return {one for one, _ in waiting.poll(None if seconds is None else 1_000 * seconds)}


@contextmanager
def _descriptor(process: int) -> Iterator[int]:
    descriptor = os.pidfd_open(process)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


@contextmanager
def listening(path: Path, floor: Path) -> Iterator[None]:
    """Run people's commands on a floor while the block runs.

    Raises:
        OSError: the socket cannot be made there.
    """
    if not sys.platform.startswith("linux"):
        fail("--socket needs Linux, whose kernel says which account is at the other end", MISSING)
    _refuse_unmapped(floor)
    server = CommandServer(path, floor)
    thread = threading.Thread(target=server.serve_forever, name="commands", daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _refuse_unmapped(floor: Path) -> None:
    """End the command where the policy does not say who an account is: then anybody could be anybody."""
    from watchfloor.policy import terms

    policy = terms.load(floor)
    if policy is None or not policy.accounts:
        fail(
            "commands by a socket need a policy with [accounts], which says for each account of this machine "
            "which reader it is: see `watchfloor floor marking init`",
            REFUSED,
        )


# the process of one command


class _Nowhere(TyperPath):
    """The type of an option that names a file, where a file would be the service's."""

    def convert(self, value: Any, param: Any, ctx: Any) -> Any:  # noqa: ARG002 - click's signature
        """Refuse whatever is named."""
        fail(
            f"{value}: a command by way of the service reads and writes no file; use standard input and "
            "output, or the console",
            REFUSED,
        )


class _OneFloor(TyperPath):
    """The type of the floor: the service's."""

    def convert(self, value: Any, param: Any, ctx: Any) -> Any:
        """Take the service's own, and refuse another."""
        if str(value) != os.environ["WATCHFLOOR_FLOOR"]:
            fail("the floor is the service's", REFUSED)
        return super().convert(value, param, ctx)


def run(descriptor: int) -> None:
    """Run one command for an account; what a descriptor has says for whom and which."""
    with os.fdopen(descriptor, "rb") as file:
        asked = json.load(file)
    words: list[str] = asked["words"]
    callers.act_for(asked["account"])
    command = typer.main.get_command(app)
    signal.signal(signal.SIGINT, signal.default_int_handler)  # who started the service may have ignored it
    main(lambda: _called(command, words))


def _called(command: Any, words: list[str]) -> None:
    try:
        _check(command, words)
    except typer.Exit as refused:
        raise SystemExit(refused.exit_code) from None
    command(args=words, prog_name="watchfloor")


def _check(command: Any, words: list[str]) -> None:
    """End the process for a command that a service does not run; let the others name no file."""
    _refuse_unmapped(Path(os.environ["WATCHFLOOR_FLOOR"]))
    if words in (["--help"], []):
        return
    if not words or words[0].startswith("-"):
        fail("give a command first, such as: watchfloor leads")
    if words[0] not in command.commands:
        return  # told as anywhere
    made, of_group = command.commands[words[0]], COMMANDS.get(words[0])
    others = getattr(made, "commands", {}).keys() - (of_group or ())
    if of_group is None or (words[1:2] and words[1] in others):
        name = " ".join(words[: 1 + bool(others)])
        fail(f"`{name}` is not run by the service; who keeps the floor runs it on its machine", REFUSED)
    _close(made, of_group)


class _Closed(Mapping[str, Any]):
    """Commands of a group of which none names a file; each is made when it is asked for."""

    def __init__(self, commands: Mapping[str, Any], names: Iterable[str]) -> None:
        self.rows, self._commands, self._names = getattr(commands, "rows", {}), commands, tuple(names)

    def __getitem__(self, name: str) -> Any:
        if name not in self._names:
            raise KeyError(name)
        _close(command := self._commands[name])
        return command

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


def _close(command: Any, names: Iterable[str] | None = None) -> None:
    """Let a command, and those of a group, or the named ones of it, name no file."""
    if commands := getattr(command, "commands", None):
        command.commands = _Closed(commands, commands if names is None else names)
    for option in command.params:
        if isinstance(option.type, TyperPath):
            option.type = _OneFloor() if option.name == "floor" else _Nowhere()
