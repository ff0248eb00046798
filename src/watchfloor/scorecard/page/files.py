"""The files of a scorecard: which the suffixes ask for, its twins beside them, and the signature over all."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

from watchfloor.core.messages import Language, declare, reason
from watchfloor.scorecard.findings import Scorecard
from watchfloor.scorecard.page import html as page
from watchfloor.scorecard.page import paper, signing, twin
from watchfloor.scorecard.problems import Unanswerable
from watchfloor.store.log.notes import Signer

Languages = Sequence[Language]

WRITERS: Final[Mapping[str, Callable[[Scorecard, Languages, str], bytes]]] = {
    ".html": lambda card, languages, _: page.html(card, languages).encode(),
    ".pdf": lambda card, languages, _: paper.pdf(card, languages),
    ".json": lambda card, _, __: twin.json(card),
    ".jsonld": lambda card, languages, address: twin.jsonld(card, address, languages[0]),
}
"""What a suffix is written by."""

BESIDE: Final = (".json", ".jsonld")
"""Always written: what a machine reads of the same."""

SIGNED: Final = ".sig"
UNSIGNED: Final = ".unsigned"
"""Suffixes of the list of files, with and without a signature."""

NO_SUFFIX: Final = declare("scorecard.no-suffix", "name", "suffixes")


def paths(outputs: Iterable[Path], *, signed: bool) -> dict[Path, set[str]]:
    """Return the suffixes that are written for each name, those asked for and those beside them.

    Raises:
        Unanswerable: a suffix that nothing is written to.
    """
    together: dict[Path, set[str]] = {}
    for path in outputs:
        if path.suffix.lower() not in WRITERS:
            raise Unanswerable(reason(NO_SUFFIX, name=path.name, suffixes=", ".join(WRITERS)))
        beside = {*BESIDE, SIGNED if signed else UNSIGNED}
        together.setdefault(path.with_suffix(""), beside).add(path.suffix.lower())
    return together


def files(
    card: Scorecard,
    outputs: Iterable[Path],
    languages: Languages = ("en",),
    signer: Signer | None = None,
    address: str = "",
) -> dict[Path, bytes]:
    """All files by their path: those asked for, the twins, and a list of their digests for each name.

    `address` is that of the page where it is published, for those who collect reviews of claims.
    Outputs that differ in their suffix alone, such as report.html and report.pdf, share twins and list.

    Raises:
        Unanswerable: a suffix that nothing is written to, or a PDF that cannot be made.
    """
    made: dict[str, bytes] = {}
    found: dict[Path, bytes] = {}
    for base, suffixes in paths(outputs, signed=signer is not None).items():
        mine = {}
        for suffix in sorted(suffixes & WRITERS.keys()):
            if suffix not in made:
                made[suffix] = WRITERS[suffix](card, languages, address)
            mine[f"{base.name}{suffix}"] = made[suffix]
        listed = signing.signed(card, mine, signer)
        found |= {base.with_name(name): data for name, data in mine.items()}
        found[base.with_name(base.name + (SIGNED if signer else UNSIGNED))] = listed
    return found
