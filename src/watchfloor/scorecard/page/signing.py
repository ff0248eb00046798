"""Signature of a scorecard's files: a list of their digests as a C2SP signed note, and its check.

    watchfloor scorecard/v1
    on 2025-03-07
    edition working
    evidence 6f1d…
    scorecard 90ab…
    sha256 1c2d… 42036 report.html
    …
    ⏎
    — office +Ed25519 signature

Ed25519 signs the same text to the same bytes, so the signature is reproducible too. Without a key the list is
written all the same and says `unsigned`: it shows that a file was changed, and not by whom it was made.
"""

import re
from collections.abc import Iterable, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Final, NamedTuple

from watchfloor.core.messages import declare, reason
from watchfloor.scorecard.bilingual import Text, fill, number
from watchfloor.scorecard.findings import Scorecard, digest
from watchfloor.scorecard.problems import Unanswerable
from watchfloor.store.log.notes import Signer, Verifier, note, opened, split

HEAD: Final = "watchfloor scorecard/v1"
UNSIGNED: Final = "unsigned"
LONGEST: Final = 1 << 20
"""Bytes of a list; more is none."""

_FILE: Final = re.compile(r"sha256 ([0-9a-f]{64}) (\d+) (.+)")

BAD_NAME: Final = declare("scorecard.bad-name", "name")
NO_TEXT: Final = declare("scorecard.list-no-text", "name")
NO_HEAD: Final = declare("scorecard.list-no-head", "name", "head")
NO_FILES: Final = declare("scorecard.list-no-files", "name")
NOT_SIGNED: Final = declare("scorecard.list-unsigned", "name")
MISSING: Final = declare("scorecard.file-missing", "name")
DIFFERS: Final = declare("scorecard.file-differs", "name", "size", "found", "wanted_size", "wanted")


class Checked(NamedTuple):
    """Result of a check of signed files.

    Attributes:
        head: lines of the list before its files: on, edition, marking, exercise, evidence, scorecard.
        files: names, in the list's order.
        signers: known keys that signed it; `others`: names of keys that nobody vouched for.
        wrong: what is missing or was changed, a sentence each.
    """

    head: dict[str, str]
    files: tuple[str, ...]
    signers: tuple[Verifier, ...]
    others: tuple[str, ...]
    wrong: tuple[Text, ...]


def listed(card: Scorecard, made: Mapping[str, bytes]) -> str:
    """The text that is signed: which scorecard, and the digest and size of each file by its name.

    Raises `Unanswerable` for a name that cannot stand in it.
    """
    for name in made:
        if not _plain(name):
            raise Unanswerable(reason(BAD_NAME, name=repr(name)))
    lines = [
        HEAD,
        f"on {card.on.isoformat()}",
        f"edition {card.edition}",
        f"marking {card.marking}",
        *(["exercise yes"] if card.exercise else []),
        f"evidence {card.digest}",
        f"scorecard {digest(card)}",
        *(f"sha256 {sha256(made[name]).hexdigest()} {len(made[name])} {name}" for name in sorted(made)),
    ]
    return "".join(f"{line}\n" for line in lines)


def signed(card: Scorecard, made: Mapping[str, bytes], signer: Signer | None) -> bytes:
    """The list with its signature; without a signer it ends with a line that says that it is unsigned."""
    text = listed(card, made)
    return (note(text, signer) if signer else f"{text}{UNSIGNED}\n").encode()


def check(path: Path, verifiers: Iterable[Verifier] = ()) -> Checked:
    """Compare the files beside a list with it, and its signature with the keys.

    Args:
        path: of the list.
        verifiers: keys that are trusted; without one no signature is vouched for.

    Raises:
        Unanswerable: it is no such list, or keys are trusted and it is unsigned.
        NoteError: a trusted key's signature does not fit the text, or none of the trusted keys signed it.
        OSError: the list cannot be read.
    """
    text, signers, others = _opened(path, list(verifiers))
    lines = text.splitlines()
    if not lines or lines[0] != HEAD:
        raise Unanswerable(reason(NO_HEAD, name=path.name, head=HEAD))
    head, files, wrong = {}, [], []
    for line in lines[1:]:
        found = _FILE.fullmatch(line)
        if found is None:
            key, _, value = line.partition(" ")
            head[key] = value
            continue
        if not _plain(found[3]):
            raise Unanswerable(reason(BAD_NAME, name=repr(found[3])))
        files.append(found[3])
        wrong += _compared(path.with_name(found[3]), found[1], int(found[2]))
    if not files:
        raise Unanswerable(reason(NO_FILES, name=path.name))
    return Checked(head, tuple(files), tuple(signers), tuple(others), tuple(wrong))


def _opened(path: Path, verifiers: list[Verifier]) -> tuple[str, list[Verifier], list[str]]:
    with path.open("rb") as file:
        data = file.read(LONGEST + 1)
    try:
        text = data.decode() if len(data) <= LONGEST else ""
    except UnicodeDecodeError:
        text = ""
    if not text:
        raise Unanswerable(reason(NO_TEXT, name=path.name))
    if text.endswith(f"\n{UNSIGNED}\n"):
        if verifiers:
            raise Unanswerable(reason(NOT_SIGNED, name=path.name))
        return text.removesuffix(f"{UNSIGNED}\n"), [], []
    if not verifiers:
        body, signatures = split(text)
        return body, [], [f"{one.name}+{one.hash.hex()}" for one in signatures]
    body, known = opened(text, verifiers)
    return body, known, []


def _compared(path: Path, wanted: str, size: int) -> list[Text]:
    """Return the fault of a file, if there is one."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return [fill(MISSING, name=path.name)]
    found = sha256(data).hexdigest()
    if found == wanted and len(data) == size:
        return []
    return [
        fill(
            DIFFERS,
            name=path.name,
            size=number(len(data)),
            wanted_size=number(size),
            found=found[:12],
            wanted=wanted[:12],
        )
    ]


def _plain(name: str) -> bool:
    return (
        name.isprintable()
        and name == name.strip()
        and name not in {"", ".", ".."}
        and not set(name) & {*"/\\:"}
    )
