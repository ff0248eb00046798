"""Bodies of requests: small ones of anybody, large ones of people who are known, and few of those at a time.

A form is held in memory, and shown again several times its size where it is refused. So nobody may send much
before it is known who sends it, and a body that stops coming is not waited for.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import Message, Receive

from watchfloor.console.jobs.uploads import length_of

Fields = dict[str, list[str]]

SMALL: Final = 256 << 10
"""Bytes of a body of somebody who is not signed in; a larger one of somebody who is waits for its turn."""
MOST_FORM: Final = 24 << 20
"""Bytes of a form as it is sent."""
MOST_JSON: Final = 8 << 20
"""Bytes of a body of JSON."""
MOST_FIELDS: Final = 20_000
MOST_FIELD: Final = 8 << 20
"""Bytes of one field of a form; files go another way."""
LARGE_AT_ONCE: Final = 2
"""Large bodies that are in memory at the same time, from their first bytes until they are answered."""
PATIENCE: Final = 30.0
"""Seconds that a large body waits for its turn."""
SECONDS: Final = {False: 20.0, True: 120.0}
"""In which a body must have come, by whether it is known who sends it."""


class Bodies:
    """The bodies that one console reads into memory."""

    def __init__(self) -> None:
        self._large = asyncio.Semaphore(LARGE_AT_ONCE)

    @asynccontextmanager
    async def form(self, request: Request, *, known: bool) -> AsyncIterator[Fields]:
        """Read the fields of a form, and hold its turn until it is answered.

        Args:
            request: whose body it is.
            known: whether somebody who is signed in sends it.

        Raises:
            HTTPException: it is too long (413), does not come in time (408), or others are read (503).
        """
        async with AsyncExitStack() as turn:
            limited = Request(request.scope, self._limited(request, known, MOST_FORM, turn))
            async with _in_time(known):
                form = await limited.form(max_files=0, max_fields=MOST_FIELDS, max_part_size=MOST_FIELD)
            found: Fields = {}
            for name, value in form.multi_items():
                if isinstance(value, str):
                    found.setdefault(name, []).append(value.replace("\r\n", "\n"))
            yield found

    @asynccontextmanager
    async def json(self, request: Request, *, known: bool) -> AsyncIterator[bytes]:
        """Read a body of JSON, and hold its turn until it is answered. Arguments and errors as of `form`."""
        async with AsyncExitStack() as turn:
            limited = Request(request.scope, self._limited(request, known, MOST_JSON, turn))
            async with _in_time(known):
                body = await limited.body()
            yield body

    def _limited(self, request: Request, known: bool, most: int, turn: AsyncExitStack) -> Receive:
        """Receive a body until it is larger than it may be."""
        most = most if known else SMALL
        if (length_of(request.headers) or 0) > most:
            raise HTTPException(413)
        size, waited = 0, False

        async def receive() -> Message:
            nonlocal size, waited
            message = await request.receive()
            size += len(message.get("body", b""))
            if size > most:
                raise HTTPException(413)
            if size > SMALL and not waited:
                waited = True
                try:
                    async with asyncio.timeout(PATIENCE):
                        await turn.enter_async_context(self._large)
                except TimeoutError:
                    raise HTTPException(503, headers={"Retry-After": str(int(PATIENCE))}) from None
            return message

        return receive


@asynccontextmanager
async def _in_time(known: bool) -> AsyncIterator[None]:
    try:
        async with asyncio.timeout(SECONDS[known]):
            yield
    except TimeoutError:
        raise HTTPException(408, headers={"Connection": "close"}) from None
