"""A new consolidation held against the provisions that are cited: what counsel has to read again.

The wordings that were read last are in `wordings.tsv`; a file is compared with them, label by label. A day
alone is no reason to trust a wording: Justice Laws may give a provision other words and leave its day as it
was, so the words themselves are compared.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Final, Literal, NamedTuple

from watchfloor.core.messages import Reason, declare, reason
from watchfloor.reference.law.provisions import Provision, Statute, StatuteError, read
from watchfloor.reference.law.wordings import Wording, consolidations, wordings

Change = Literal[
    "changed",
    "opening-words",
    "moved",
    "vanished",
    "repealed",
    "in-force",
    "other-day",
    "not-in-force",
    "unread",
]
"""What may be new of a cited provision: its words; those of what it stands in; its label; it is gone, or
repealed; it came into force, did so on another day, or is not in force; or its words were never read here."""

ENOUGH: Final = 60
"""Characters of a wording by which it is known again under another label; shorter ones are formulas."""

OTHER_LANGUAGE: Final = declare("law.other-language", "file", "law")
NOT_CITED: Final = declare("law.not-cited", "file", "law", "title")
OLDER: Final = declare("law.older", "file", "law", "first", "read")
SUPERSEDED: Final = declare("law.superseded", "file", "law", "first", "newer")
NO_FILES: Final = declare("law.no-files", "folder")
UNREADABLE: Final = declare("law.unreadable", "file")


class Finding(NamedTuple):
    """A cited provision that is not as it was read.

    Attributes:
        law: number of the statute.
        label: as it is cited.
        change: what is new.
        moved_to: the label that it has now; empty where that is the same, or none.
        before: the words that were read; empty where there were none.
        after: the words now; empty where there are none.
        before_since: the day from which the earlier words stood.
        since: the day from which the words now stand.
        whole: the words now, with those of what it stands in.
        file: that was read.
    """

    law: str
    label: str
    change: Change
    moved_to: str
    before: str
    after: str
    before_since: date | None
    since: date | None
    whole: str
    file: str


class Rejected(NamedTuple):
    """A file that was not compared, and why."""

    file: str
    reason: Reason


class Folder(NamedTuple):
    """Files of a folder: the statutes to compare, newest of each, and those that were refused."""

    statutes: Mapping[str, Statute]
    rejected: list[Rejected]


def open_folder(folder: Path, cited: Iterable[str]) -> Folder:
    """Read every file of a folder, or one file.

    Args:
        folder: it; folders in it are not looked at.
        cited: numbers of the laws that something cites.

    Returns:
        What is to be compared; a folder without files is itself what was rejected.
    """
    paths = [folder] if folder.is_file() else sorted(one for one in folder.iterdir() if _is_file(one))
    laws, rejected = set(cited), []
    if not paths:
        rejected.append(Rejected(folder.name, reason(NO_FILES, folder=str(folder))))
    newest: dict[str, tuple[str, Statute]] = {}
    for path in paths:
        try:
            statute = _usable(path, laws)
        except StatuteError as error:
            rejected.append(Rejected(path.name, error.reason))
            continue
        name, other = newest.get(statute.number, (path.name, statute))
        older, newer = sorted([(name, other), (path.name, statute)], key=lambda one: one[1].first)
        if other is not statute:
            about = {"law": statute.number, "first": str(older[1].first), "newer": newer[0]}
            rejected.append(Rejected(older[0], reason(SUPERSEDED, file=older[0], **about)))
        newest[statute.number] = newer
    return Folder(dict(newest.values()), rejected)


def _is_file(path: Path) -> bool:
    return path.is_file() and not path.name.startswith(".")


def _usable(path: Path, cited: set[str]) -> Statute:
    """Read a file that is to be compared. Raises `StatuteError`."""
    try:
        statute = read(path)
    except OSError as error:
        raise StatuteError(reason(UNREADABLE, file=path.name)) from error
    about = {"file": path.name, "law": statute.number}
    if statute.number not in cited:
        raise StatuteError(reason(NOT_CITED, **about, title=statute.title))
    if statute.lang != "en":
        raise StatuteError(reason(OTHER_LANGUAGE, **about))
    last = max((one.first for one in consolidations() if one.law == statute.number), default=date.min)
    if statute.first < last:
        raise StatuteError(reason(OLDER, **about, first=str(statute.first), read=str(last)))
    return statute


def review(statute: Statute, labels: Iterable[str], file: str) -> Iterator[Finding]:
    """Yield what is new of cited provisions, in the order in which they are given."""
    by_fid = {one.fid: label for label, one in statute.provisions.items() if one.fid}
    by_words = {one.text: label for label, one in statute.provisions.items() if len(one.text) >= ENOUGH}
    for label in labels:
        known = wordings().get((statute.number, label), (None,))[-1]
        now = statute.provisions.get(label)
        change, moved_to = _compare(known, now, by_fid)
        if change == "vanished" and known and (elsewhere := by_words.get(known.text)):
            change, moved_to = "moved", elsewhere
        if change:
            shown = statute.provisions.get(moved_to, now) if moved_to else now
            yield Finding(
                statute.number,
                label,
                change,
                moved_to,
                _words(known, opening=change == "opening-words"),
                _words(shown, opening=change == "opening-words"),
                known.amended if known else None,
                shown.amended if shown else None,
                f"{shown.lead} {shown.text}" if shown else "",
                file,
            )


def _compare(
    known: Wording | None, now: Provision | None, by_fid: Mapping[str, str]
) -> tuple[Change | None, str]:
    """Tell what is new of a provision, and the label that it has now if it moved."""
    if known is None:
        return ("unread" if now else "vanished"), ""
    stood = known.state == "in-force"
    moved_to = by_fid.get(known.fid, "") if stood else ""
    if moved_to and moved_to != known.label and (now is None or now.text != known.text):
        return "moved", moved_to
    if now is None:
        return ("vanished" if known.state != "nothing" else None), ""
    if now.repealed:
        return ("repealed" if known.state != "repealed" else None), ""
    if now.since is None:
        return ("not-in-force" if known.state != "not-in-force" else None), ""
    if not stood:
        return "in-force", ""
    if now.text != known.text:
        return "changed", ""
    if now.lead != known.lead:
        return "opening-words", ""
    return ("other-day" if (now.since, now.amended) != (known.since, known.amended) else None), ""


def _words(one: Wording | Provision | None, *, opening: bool) -> str:
    if one is None:
        return ""
    return one.lead if opening else one.text
