"""Monitoring of a console: a line of JSON for each event, counts, and whether it works.

Nothing here names a person, a subject or a record, or has a secret in it: a request is told by the name of
its endpoint, a mistake of ours by its type and where it arose. Who asked what is in the floor's own log.
"""

import logging
import os
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from logging.handlers import WatchedFileHandler
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from watchfloor.console.live import event_lines

LOG: Final = logging.getLogger("watchfloor.console")
ASKED: Final = "watchfloor.asked"
"""Key of a scope: the name of the endpoint that answers."""
EVENTS: Final = "_WATCHFLOOR_EVENTS"
"""Variable of the environment by which processes that a console starts know where its events go."""
BUCKETS: Final = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Seconds of answers, as a histogram counts them."""


def event(name: str, level: int = logging.INFO, **fields: object) -> None:
    """Log an event."""
    LOG.log(level, name, extra={"fields": fields})


def incident(error: BaseException, kind: str, *, told: bool = False) -> str:
    """Log a failure; gives the id by which the page that tells of it names it.

    Args:
        error: what went wrong.
        kind: of failure.
        told: whether what the error says is for operators; of a mistake of ours it may be about anybody.
    """
    fields = event_lines.failure(error, kind, detail=told)
    event("failure", logging.ERROR, **fields)
    return str(fields["incident"])


class Lines(logging.Formatter):
    """One line of JSON for each event; of a library's, what it says without its values."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        fields = getattr(record, "fields", None)
        name = record.msg if fields is not None else "library"
        if fields is None:
            fields = {"logger": record.name, "said": str(record.msg).strip()}
            if record.exc_info and record.exc_info[1]:
                fields |= event_lines.about(record.exc_info[1])
        moment = datetime.fromtimestamp(record.created, UTC)
        return event_lines.line(name, record.levelname.lower(), moment, fields)


@contextmanager
def log_to(where: str | None) -> Iterator[None]:
    """Send events to a file, or to standard error for `-`; None: what went wrong alone, to standard error.

    A file that is moved away, as a rotation does, is begun anew. Raises OSError where it cannot be written.
    """
    handler = _handler(where)
    os.environ[EVENTS] = where or ""
    loggers = [LOG, logging.getLogger("uvicorn")]
    before = [(one, one.handlers[:], one.propagate) for one in loggers]
    for one in loggers:  # no other handler, which would print values
        one.handlers[:], one.propagate = [handler], False
    LOG.setLevel(logging.INFO if where else logging.WARNING)
    try:
        yield
    finally:
        del os.environ[EVENTS]
        for one, handlers, propagate in before:
            one.handlers[:], one.propagate = handlers, propagate
        LOG.setLevel(logging.NOTSET)
        handler.close()


def log_as_parent() -> None:
    """Send events of a process that a console has started where the console sends its own."""
    if (where := os.environ.get(EVENTS)) is not None:
        LOG.handlers[:], LOG.propagate = [_handler(where)], False
        LOG.setLevel(logging.INFO if where else logging.WARNING)


def _handler(where: str | None) -> logging.Handler:
    handler: logging.Handler = logging.StreamHandler(sys.stderr)
    if where and where != "-":
        os.close(os.open(where, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600))
        handler = WatchedFileHandler(where, encoding="utf-8")
    handler.setFormatter(Lines())
    return handler


class Metrics:
    """Counts of a console since its start, as Prometheus reads them (text format 0.0.4)."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._answers: Counter[tuple[str, str, int]] = Counter()
        self._within = [0] * len(BUCKETS)
        self._seconds = 0.0
        self.more: list[Callable[[], list[str]]] = []
        """Further lines, made when somebody asks."""
        self.gauges: dict[str, Callable[[], float]] = {"process_cpu_seconds_total": time.process_time}

    def count(self, endpoint: str, method: str, status: int, seconds: float) -> None:
        """Count an answer."""
        with self._guard:
            self._answers[endpoint, method, status] += 1
            self._seconds += seconds
            for n, most in enumerate(BUCKETS):
                self._within[n] += seconds <= most

    def text(self) -> str:
        """Return the page for `/metrics`."""
        with self._guard:
            answers, within, seconds = sorted(self._answers.items()), list(self._within), self._seconds
        total = sum(count for _, count in answers)
        lines = ["# TYPE watchfloor_answers_total counter"]
        for (endpoint, method, status), count in answers:
            labels = f'endpoint="{endpoint}",method="{method}",status="{status}"'
            lines.append(f"watchfloor_answers_total{{{labels}}} {count}")
        lines.append("# TYPE watchfloor_answer_seconds histogram")
        name = "watchfloor_answer_seconds"
        lines += [f'{name}_bucket{{le="{le}"}} {count}' for le, count in zip(BUCKETS, within, strict=True)]
        lines += [f'{name}_bucket{{le="+Inf"}} {total}', f"{name}_sum {seconds:.3f}", f"{name}_count {total}"]
        for name, value in self.gauges.items():
            kind = "counter" if name.endswith("_total") else "gauge"
            lines += [f"# TYPE {name} {kind}", f"{name} {value()}"]
        for lines_of in self.more:
            lines += lines_of()
        return "\n".join(lines) + "\n"


class Observed:
    """ASGI middleware around everything that logs and counts each answer."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app, self._metrics = app, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, status = time.perf_counter(), 0

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, sending)
        finally:
            seconds = time.perf_counter() - began
            asked = scope.get(ASKED, "other")
            method = scope["method"] if scope["method"] in ("GET", "HEAD", "POST") else "other"
            self._metrics.count(asked, method, status, seconds)
            address = scope["client"][0] if scope.get("client") else ""
            ms = round(1e3 * seconds, 1)
            event("answer", endpoint=asked, method=method, status=status, ms=ms, address=address)
