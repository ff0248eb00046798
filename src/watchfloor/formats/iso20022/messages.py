"""Messages of a file, as their elements come: which they are, and what they say of the transactions in
them.
"""

import re
from typing import Final

from lxml import etree

from watchfloor.formats.base import Fault, FormatError
from watchfloor.formats.iso20022 import tree
from watchfloor.formats.iso20022.raw import Context, Ended
from watchfloor.formats.iso20022.slots import MACHINE, MESSAGES, NUMBER, SLOTS
from watchfloor.formats.iso20022.tree import Texts
from watchfloor.formats.xml_limits import RAW_BYTES, local

ROOTS: Final = frozenset(
    ("Document", "BizMsgEnvlp", "BizMsg", "Envelope", "DataPDU", "RequestPayload", *MESSAGES)
)
"""Roots of files: a message, or what several are sent in. One whose namespace is of ISO 20022 is, too."""
OUTSIDE: Final = -1
"""The state around messages."""

_NAMESPACE: Final = re.compile(r"([a-z]{4}\.\d{3})\.\d{3}\.(\d{2})\Z")


class _Level:
    """A message or a part of it that is open."""

    def __init__(self, number: int, state: int) -> None:
        self.number, self.state, self.holds = number, state, 0
        self.texts: Texts = {}
        self.entries = 0
        self.where = ""


class Levels:
    """Where a reader stands among the messages of a file."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._states: list[int] = []
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
        """An element has begun behind so many transactions; gives the first state if it is one itself."""
        outer = self._states[-1] if self._states else OUTSIDE
        name = local(element)
        if outer == OUTSIDE:
            state = OUTSIDE
            if name in MESSAGES:
                state = MACHINE.roots[name]
                self._begin_message(element, name, count)
                self._push(state)
            elif self._is_document(element):
                self._unread(element, name)
        else:
            state = MACHINE.step[outer].get(name, 0)
            if MACHINE.level[state]:
                self._push(state)
        self._states.append(state)
        return MACHINE.record[state] if state > 0 else 0

    def end(self, element: etree._Element) -> bool:
        """An element has ended. Gives whether it is an entry that is one transaction itself: `leave` it."""
        state = self._states.pop()
        if state <= 0 or not self._levels:
            return False
        level = self._levels[-1]
        before = len(level.texts)
        tree.take(element, state, level.texts)
        if len(level.texts) != before:
            self._context = -1
        if level.state != state:
            return False
        if MACHINE.level[state] == 2 and not level.holds:
            return True
        self.leave()
        return False

    def leave(self) -> None:
        """The innermost level has ended."""
        level = self._levels.pop()
        self._context = -1
        if MACHINE.level[level.state] == 2:
            self._levels[-1].entries += 1
            return
        where = f"message {self._messages}"
        if said := level.texts.get(NUMBER["group"] if self._levels else NUMBER["message"]):
            where += f", {said}"
        self._ended.append(Ended(level.number, where, level.texts))

    def held(self, count: int) -> None:
        """So many transactions are in what is open."""
        for level in self._levels:
            level.holds += count

    def said(self) -> bytes:
        """What the innermost level says, as text."""
        texts = self._levels[-1].texts
        return "; ".join(f"{SLOTS[slot]} {text}" for slot, text in texts.items()).encode()[:RAW_BYTES]

    def context(self) -> int:
        """Number of the context of a transaction that comes now, among those that were not taken."""
        if self._context < 0:
            texts: Texts = {}
            for level in self._levels:
                texts |= level.texts
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

    def _push(self, state: int) -> None:
        self._numbers += 1
        self._context = -1
        self._levels.append(_Level(self._numbers, state))

    def _is_document(self, element: etree._Element) -> bool:
        """Whether an element is the message of a `Document`, and none that is read."""
        parent = element.getparent()
        return parent is not None and local(parent) == "Document"

    def _unread(self, element: etree._Element, name: str) -> None:
        if name not in self._said:
            self._said.add(name)
            self.fault(f"message <{name}>", f"messages <{name}> are not read here", etree.tostring(element))

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
