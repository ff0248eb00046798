"""The process that lives and dies, seen from outside."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any


class Days:
    """The process that lives and dies, and what it says."""

    def __init__(self) -> None:
        command = [sys.executable, "-W", "ignore", "-m", "benchmarks.soak.day"]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self._process.stdin
        assert self._process.stdout
        self._orders, self._lines = self._process.stdin, self._process.stdout

    def __enter__(self) -> "Days":
        return self

    def __exit__(self, *_: object) -> None:
        self._orders.close()
        self._process.wait()
        self._lines.close()

    def live(
        self,
        folder: Path,
        steps: list[tuple[Any, ...]],
        armed: int = -1,
        point: int = 0,
        delay: float = 0.0,
        room: int | None = None,
    ) -> Iterator[dict[str, Any]]:
        """What a child says that does these steps, up to its end.

        Args:
            folder: where its floor lies.
            steps: act, number and words, or None for the act's own.
            armed: the step that is cut off.
            point: at which it is, or 0.
            delay: seconds into the step at which it is, or 0.
            room: bytes up to which a file may grow.
        """
        order = {"folder": str(folder), "steps": steps, "armed": armed, "point": point, "delay": delay}
        order |= {} if room is None else {"room": room}
        print(json.dumps(order), file=self._orders, flush=True)
        for line in self._lines:
            said = json.loads(line)
            if "dead" in said:
                return
            yield said
        raise SystemExit("the process that lives the days has ended by itself")
