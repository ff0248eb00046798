"""Messages of a file, as their elements come: which they are, and what they say of the transactions in
them.
"""

import re
from typing import Final

from lxml import etree

from watchfloor.formats.base import Fault, FormatError
from watchfloor.formats.payments.iso20022 import tree
from watchfloor.formats.payments.iso20022.raw import Context, Ended
from watchfloor.formats.payments.iso20022.slots import MACHINE, MESSAGES, NUMBER, RECORDS
from watchfloor.formats.payments.iso20022.tree import Texts
from watchfloor.formats.xml_limits import RAW_BYTES, local

ROOTS: Final = frozenset(
    ("Document", "BizMsgEnvlp", "BizMsg", "Envelope", "DataPDU", "RequestPayload", *MESSAGES)
)
"""Roots of files: a message, or what several are sent in. One whose namespace is of ISO 20022 is, too."""
OUTSIDE: Final = -1
"""The state around messages."""

_NAMESPACE: Final = re.compile(r"([a-z]{4}\.\d{3})\.\d{3}\.(\d{2})\Z")


WATCHED: Final = frozenset(
    (
        "Document",
        *MESSAGES,
        *RECORDS,
        *(n for steps in MACHINE.step for n, to in steps.items() if MACHINE.level[to]),
    )
)
"""Elements whose start and end a reader is told of."""


class _Level:
    """A message or a part of it that is open."""

    def __init__(self, number: int, state: int, element: etree._Element) -> None:
        self.number, self.state, self.element = number, state, element
        self.holds = 0
        self.texts: Texts | None = None  # not read yet

    def read(self, until: etree._Element) -> Texts:
        """Return its texts before its first transaction, or its end; `until` is what has begun or ended.

        What stands behind that may be there already, or not: it depends on how the file was cut.
        """
        if self.texts is None:
            stop: etree._Element | None = until
            while stop is not None and stop is not self.element and stop.getparent() is not self.element:
                stop = stop.getparent()
            self.texts = tree.texts(self.element, self.state, None if stop is self.element else stop)
        return self.texts


class Levels:
    """Where a reader stands among the messages of a file."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._open: list[tuple[etree._Element, int]] = []
        self._levels: list[_Level] = []
        self._numbers = self._messages = self._first = 0
        self._family, self._context = "", -1
        self._said: set[str] = set()
        self._contexts: list[Context] = []
        self._ended: list[Ended] = []
        self._faults: list[Fault] = []

    def begin(self, root: etree._Element) -> None:
        """The root has begun. Raises `FormatError` where no message can be in it."""
        if local(root) not in ROOTS and "20022" not in str(root.tag):
            raise FormatError(
                f"{self._name} is XML with the root <{local(root)}>, where <Document> or an envelope of "
                "ISO 20022 messages was expected"
            )

    def start(self, element: etree._Element, count: int) -> int:
        """A watched element has begun; gives the first state if it is a transaction. `count` stand before."""
        state = self._state(element)
        name = local(element)
        if state > 0 and (name in MESSAGES or MACHINE.level[state]):
            if name in MESSAGES:
                self._begin_message(element, name, count)
            self._numbers += 1
            self._context = -1
            self._levels.append(_Level(self._numbers, state, element))
        self._open.append((element, state))
        record = MACHINE.record[state] if state > 0 else 0
        if record:
            self._read(element)
        return record

    def _state(self, element: etree._Element) -> int:
        """The state of a watched element, by its names from the innermost one that is open."""
        top, state = self._open[-1] if self._open else (None, OUTSIDE)
        names = [local(element)]
        parent = element.getparent()
        while parent is not None and parent is not top:
            names.append(local(parent))
            parent = parent.getparent()
        for name in reversed(names):
            if state == OUTSIDE:
                state = MACHINE.roots[name] if name in MESSAGES else OUTSIDE
            else:
                state = MACHINE.step[state].get(name, 0)
        return state

    def _read(self, until: etree._Element) -> None:
        for level in self._levels:
            level.read(until)

    def end(self, element: etree._Element) -> bool:
        """A watched element has ended. Gives whether it is an entry that is a transaction: `leave` it."""
        _, state = self._open.pop()
        if state == OUTSIDE and local(element) == "Document":
            self._unread(element)
        if not self._levels or self._levels[-1].element is not element:
            return False
        self._read(element)
        if MACHINE.level[state] == 2 and not self._levels[-1].holds:
            return True
        self.leave()
        return False

    def leave(self) -> None:
        """The innermost level has ended."""
        level = self._levels.pop()
        self._context = -1
        if MACHINE.level[level.state] == 2:
            return
        texts = level.texts or {}
        where = f"message {self._messages}"
        if said := texts.get(NUMBER["group"] if self._levels else NUMBER["message"]):
            where += f", {said}"
        self._ended.append(Ended(level.number, where, texts))

    def held(self, count: int) -> None:
        """So many transactions are in what is open."""
        for level in self._levels:
            level.holds += count

    def context(self) -> int:
        """Number of the context of a transaction that comes now, among those that were not taken."""
        if self._context < 0:
            texts: Texts = {}
            for level in self._levels:
                texts |= level.texts or {}
            self._context = len(self._contexts)
            numbers = tuple(level.number for level in self._levels)
            self._contexts.append(Context(texts, self._family, self._messages, self._first, numbers))
        return self._context

    def fault(self, locator: str, reason: str, raw: bytes, rest: bool = False, partly: bool = False) -> None:
        """Something is wrong with a message or the file."""
        self._faults.append(Fault(locator, reason, raw[:RAW_BYTES], rest, partly))

    def over(self) -> None:
        """The file has ended. Raises `FormatError` where there was no message in it."""
        if not self._messages:
            known = ", ".join(sorted({family for family, _, _ in MESSAGES.values()}))
            raise FormatError(f"{self._name} holds no message that is read here; those are {known}")

    def taken(self) -> tuple[list[Context], list[Ended], list[Fault]]:
        """Contexts, ended levels and faults since the last call."""
        found = self._contexts, self._ended, self._faults
        self._contexts, self._ended, self._faults, self._context = [], [], [], -1
        return found

    def _unread(self, document: etree._Element) -> None:
        """Tell of a `Document` whose message is none that is read; of each sort once."""
        first = next(iter(document), None)
        name = "" if first is None else local(first)
        if name and name not in MESSAGES and name not in self._said:
            self._said.add(name)
            self.fault(f"message <{name}>", f"messages <{name}> are not read here", etree.tostring(document))

    def _begin_message(self, element: etree._Element, name: str, count: int) -> None:
        self._messages += 1
        self._first = count
        self._family, versions, _ = MESSAGES[name]
        namespace = str(element.tag).rpartition("}")[0].removeprefix("{")
        said = _NAMESPACE.search(namespace)
        if said is None or said[1] != self._family:
            self._told(f"the namespace {namespace[:200]!r} is none of {self._family}, which <{name}> is")
        elif int(said[2]) not in versions:
            self._told(f"version {said[2]} of {self._family} is not known here; it is read as others are")

    def _told(self, reason: str) -> None:
        if reason not in self._said:
            self._said.add(reason)
            self.fault(f"message {self._messages}", reason, b"", partly=True)
