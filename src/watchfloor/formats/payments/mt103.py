"""SWIFT MT103, single customer credit transfer, as FIN text: one message behind the other.

Blocks 1 to 4 of a FIN message; of the text (block 4) the fields 20, 13C, 23B, 32A, 33B, 50A/F/K, 52A/D,
57A/B/C/D, 59/59A/59F, 70, 71A; of the user header (block 3) the UETR, tag 121 (SWIFT User Handbook,
Standards MT, category 1). `observed_at` is the value date of 32A at 0:00 UTC: the message states no
moment that has a zone, but in 13C, which is a promise. What 33B says was instructed, and charges, are
not read: `amount` is what was settled.

The years of six-digit dates are 1980 to 2079, as SWIFT counts them.
"""

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import BinaryIO, Final

import numpy as np

from watchfloor.core.subjects import SubjectError, subject
from watchfloor.formats.base import Batch, Fault, Format, FormatError, Head
from watchfloor.formats.payments.iso20022.file import rows
from watchfloor.formats.payments.iso20022.raw import Context, Raw
from watchfloor.formats.payments.iso20022.slots import NUMBER, SLOTS
from watchfloor.formats.payments.iso20022.tree import Texts

CHUNK: Final = 1 << 20
MAX_MESSAGE: Final = 1 << 16
"""Bytes of a message; SWIFT sends none of more than 10,000 characters."""
BATCH: Final = 2_000
"""Messages that become rows together."""

_BEGIN: Final = re.compile(rb"\{1:[A-Z]\d\d")
_HINT: Final = re.compile(rb"\{1:F01[A-Z0-9]{12}\d{0,10}\}\s*\{2:[IO]103")
_BLOCK: Final = re.compile(r"\{([1-5]):")
_FIELD: Final = re.compile(r"^:(\d\d[A-Z]?):", re.MULTILINE)
_USER: Final = re.compile(r"\{(\d{3}):([^{}]*)\}")
_SETTLED: Final = re.compile(r"(\d\d)(\d\d)(\d\d)([A-Z]{3})([\d,]{1,15})", re.ASCII)
_BIC: Final = re.compile(r"[A-Z]{6}[A-Z0-9]{2}(?:[A-Z0-9]{3})?")
_NUMBERED: Final = re.compile(r"([1-8])/(.*)")
_PARTIES: Final = {"50": "dbtr", "59": "cdtr"}
_AGENTS: Final = {"52": "dbtr_agt", "57": "cdtr_agt"}
_NEEDED: Final = ("20", "23B", "32A", "50", "59", "71A")


def sniff(head: Head) -> float:
    """Sure of the first blocks of a message 103."""
    return 0.95 if _HINT.search(head.data) else 0.0


def read(stream: BinaryIO, name: str) -> Iterator[Batch | Fault]:
    """Rows of `payment` and `party`. Raises `FormatError` for a file in which no FIN message begins."""
    pending: list[tuple[Texts, bytes]] = []
    number = 0
    handed = 0
    for number, data in enumerate(_messages(stream, name), 1):
        made = _message(data)
        if isinstance(made, str):
            yield from _rows(pending, handed)
            handed, pending = number, []
            yield Fault(f"transaction {number}", made, data[:MAX_MESSAGE])
            continue
        pending.append((made, data))
        if len(pending) == BATCH:
            yield from _rows(pending, handed)
            handed, pending = number, []
    yield from _rows(pending, handed)


def piece(stream: BinaryIO, locator: str) -> bytes | None:
    """The bytes of `transaction 17`."""
    try:
        found = enumerate(_messages(stream, "the delivery"), 1)
        return next((data for number, data in found if locator == f"transaction {number}"), None)
    except FormatError:
        return None


def _messages(stream: BinaryIO, name: str) -> Iterator[bytes]:
    """Messages, each from its block 1 up to that of the next."""
    data = stream.read(CHUNK)
    first = _BEGIN.search(data)
    if first is None:
        raise FormatError(f"{name} holds no FIN message: none begins with {{1: in its first {CHUNK:,} bytes")
    if data[: first.start()].strip(b"\x01\x03$ \r\n\t"):
        yield data[: first.start()]
    data = data[first.start() :]
    while data:
        starts = [match.start() for match in _BEGIN.finditer(data)]
        for start, end in pairwise(starts):
            yield data[start:end]
        last = data[starts[-1] :] if starts else data
        more = stream.read(CHUNK)
        if not more or len(last) > CHUNK:
            yield last
            last = b""
        data = last + more


def _message(data: bytes) -> Texts | str:
    """The texts of a message by slot, or why there are none."""
    if len(data) > MAX_MESSAGE:
        return f"this is no FIN message: it has more than {MAX_MESSAGE:,} bytes"
    try:
        text = data.decode("ascii").replace("\r\n", "\n")
    except UnicodeDecodeError:
        return "this is no FIN message: it has bytes beyond those of ASCII"
    blocks = _blocks(text)
    application = blocks.get("2", "")
    if application[1:4] != "103":
        kind = application[1:4]
        return (
            f"this is no MT103, but MT{kind}"
            if kind.isdigit()
            else "this is no MT103: its block 2 names none"
        )
    if "4" not in blocks:
        return "the message breaks off: its block 4 has no end"
    fields = _fields(blocks["4"])
    missing = [tag for tag in _NEEDED if not any(_is(tag, field) for field in fields)]
    if missing:
        return f"field {missing[0]} is missing, which every MT103 has"
    return _texts(blocks, fields)


def _blocks(text: str) -> dict[str, str]:
    """Blocks 1 to 4 without their braces; those that have no end are none."""
    found: dict[str, str] = {}
    for match in _BLOCK.finditer(text):
        number, start = match[1], match.end()
        if number in found:
            continue
        end = text.find("\n-}", start) if number == "4" else _closing(text, start)
        if end >= 0:
            found[number] = text[start:end]
        if number == "4":
            break
    return found


def _closing(text: str, at: int) -> int:
    """Where the brace that is open at a place closes, or -1."""
    depth = 1
    for i in range(at, len(text)):
        depth += {"{": 1, "}": -1}.get(text[i], 0)
        if not depth:
            return i
    return -1


def _fields(block: str) -> dict[str, str]:
    """Fields by tag; of one that comes again the first."""
    found: dict[str, str] = {}
    marks = list(_FIELD.finditer(block))
    ends = [*(one.start() for one in marks), len(block)][1:]  # a block without a field has none
    for match, after in zip(marks, ends, strict=True):
        found.setdefault(match[1], block[match.end() : after].strip("\n"))
    return found


def _is(tag: str, field: str) -> bool:
    return field == tag or (len(tag) == 2 and field[:2] == tag)


def _texts(blocks: dict[str, str], fields: dict[str, str]) -> Texts | str:
    settled = _SETTLED.fullmatch(fields["32A"])
    if settled is None:
        return (
            f"field 32A is {fields['32A']!r}, which is no date, currency and amount such as 261124CAD1234,5"
        )
    year, month, day, currency, amount = settled.groups()
    if amount.count(",") != 1:
        return f"field 32A has the amount {amount!r}, which needs one comma before its decimals"
    ends = _ends(blocks)
    found = {
        "message": ends["dbtr_agt.bic"] or "mt103",
        "tx": fields["20"].strip(),
        "settled": f"{'19' if int(year) >= 80 else '20'}{year}-{month}-{day}",
        "currency": currency,
        "amount": amount.replace(",", ".").removesuffix("."),
        "ustrd": " ".join(fields.get("70", "").split()),
        "uetr": dict(_USER.findall(blocks.get("3", ""))).get("121", ""),
    }
    for tag, text in fields.items():
        if party := _PARTIES.get(tag[:2]):
            found |= _party(party, tag[2:], text.split("\n"))
        elif agent := _AGENTS.get(tag[:2]):
            found |= _agent(agent, tag[2:], text.split("\n"))
    found |= {slot: bic for slot, bic in ends.items() if not _has_agent(found, slot)}
    return {NUMBER[slot]: text for slot, text in found.items() if text}


def _has_agent(found: dict[str, str], slot: str) -> bool:
    agent = slot.partition(".")[0]
    return any(name.startswith(f"{agent}.") and found[name] for name in found)


def _ends(blocks: dict[str, str]) -> dict[str, str]:
    """Who sends and who receives, who are the banks where fields 52 and 57 name none.

    Block 1 has the terminal of its reader's side; block 2 that of the other. Both are a BIC with a letter
    behind the eighth place.
    """
    own, other = _terminal(blocks.get("1", "")[3:15]), ""
    application = blocks.get("2", "")
    sent = application[:1] == "I"
    other = _terminal(application[4:16] if sent else application[14:26])
    return {"dbtr_agt.bic": own if sent else other, "cdtr_agt.bic": other if sent else own}


def _terminal(text: str) -> str:
    bic = (text[:8] + text[9:12]).removesuffix("XXX")
    return bic if _BIC.fullmatch(bic) else ""


def _party(party: str, option: str, lines: list[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    if lines[0].startswith("/"):
        found |= _account(f"{party}_acct", lines.pop(0)[1:])
    elif option == "F" and party == "dbtr":
        lines.pop(0)  # an identifier of a person, by code and country
    if option == "A":
        return found | {f"{party}.bic": lines[0].strip(), f"{party}.nm": lines[0].strip()} if lines else found
    if option == "F":
        return found | _numbered(party, lines)
    return found | ({f"{party}.nm": lines[0].strip()} if lines else {})


def _numbered(party: str, lines: list[str]) -> dict[str, str]:
    """Lines of option F: 1 name, 3 country and town, 4 date of birth, 7 national identity."""
    found: dict[str, str] = {}
    names = []
    for line in lines:
        match = _NUMBERED.fullmatch(line)
        if match is None:
            continue
        number, text = match[1], match[2].strip()
        if number == "1":
            names.append(text)
        elif number == "3":
            found.setdefault(f"{party}.ctry", text[:2])
        elif number == "4" and re.fullmatch(r"\d{8}", text):
            found[f"{party}.birth"] = f"{text[:4]}-{text[4:6]}-{text[6:]}"
        elif number == "7" and text.count("/") >= 1:
            country, _, identity = text.partition("/")
            found |= {
                f"{party}.prvt": identity,
                f"{party}.prvt_scheme": "NIDN",
                f"{party}.prvt_issuer": country,
            }
    return found | {f"{party}.nm": " ".join(names)}


def _account(account: str, text: str) -> dict[str, str]:
    """An IBAN where it is one, else a number; a clearing code before it (`//CC…`) is none of it."""
    number = text.strip().lstrip("/")
    if re.match(r"[A-Z]{2}\d\d", number) and _is_iban(number):
        return {f"{account}.iban": number}
    return {f"{account}.othr": number}


def _is_iban(number: str) -> bool:
    """Whether a number is an IBAN; one that looks like one and whose check digits are wrong counts as one.

    MT103 does not say what a number is. One that begins as an IBAN, and is as long as the shortest, is taken
    for an IBAN, so that a wrong check digit is told.
    """
    try:
        subject("account", "iban", number)
    except SubjectError as error:
        return "checksum" in str(error) and len(number) >= 15
    return True


def _agent(agent: str, option: str, lines: list[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    if lines[0].startswith("//") and len(lines[0]) > 4:
        code, member = lines[0][2:4], lines[0][4:].strip()
        found |= {f"{agent}.clearing": _CLEARING.get(code, code), f"{agent}.member": member}
    if lines[0].startswith("/"):
        lines = lines[1:]
    if not lines:
        return found
    return found | {f"{agent}.bic" if option == "A" else f"{agent}.nm": lines[0].strip()}


_CLEARING: Final = {"CC": "CACPA", "FW": "USABA", "SC": "GBDSC", "BL": "DEBLZ", "AU": "AUBSB", "CP": "USPID"}
"""Codes before a clearing number in fields 52 and 57, as the external code set of ISO 20022 has them."""


def _rows(found: list[tuple[Texts, bytes]], before: int) -> Iterator[Batch | Fault]:
    """Rows of messages that come one behind the other."""
    if not found:
        return
    data = bytearray()
    spans = np.full((len(found), len(SLOTS), 2), -1, np.int32)
    for row, (texts, _) in enumerate(found):
        for slot, text in texts.items():
            start = len(data)
            data += text.encode()
            spans[row, slot] = start, len(data)
    one = Context({}, "mt103", 1, 0, ())
    pieces = [piece for _, piece in found]
    plain = np.frombuffer(bytes(data), np.uint8)
    context = np.zeros(len(found), np.int32)
    yield from rows(Raw(plain, spans, context, [one], before + 1, pieces.__getitem__))


FORMAT: Final = Format("mt103", ("payment", "party"), sniff, read, piece=piece)
