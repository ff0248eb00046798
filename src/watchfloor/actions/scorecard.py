"""The weekly page: what was said and promised, each computed from evidence, and the files it lies in."""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, date
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Final, Literal

from watchfloor.actions.base import (
    FILE,
    PATH,
    WROTE,
    Answer,
    Context,
    Line,
    Request,
    action,
    new_file,
    note,
    option,
    refuse_existing,
)
from watchfloor.casework.custody import signing as keys
from watchfloor.cell.acts import Unusable, refuse
from watchfloor.cell.wording.dates import moment_of_field
from watchfloor.core.messages import Language, declare
from watchfloor.policy.policy import Reader
from watchfloor.scorecard.findings import Scorecard, digest
from watchfloor.scorecard.problems import Unanswerable
from watchfloor.store.floor import Floor
from watchfloor.store.log.notes import Signer, Verifier

if TYPE_CHECKING:
    from watchfloor.scorecard.evidence import Evidence

LANGUAGES: Final[Mapping[str, tuple[Language, ...]]] = {"en": ("en",), "fr": ("fr",), "both": ("en", "fr")}

ONE_SOURCE: Final = declare("scorecard.floor-or-files")
AS_WRITTEN: Final = declare("scorecard.as-written", "sentence")
UNSIGNED: Final = declare("scorecard.unsigned")
ONLY_TO_VERIFY: Final = declare("scorecard.trust-without-verify")
NO_ADDRESS: Final = declare("scorecard.no-address", "address")
NO_FOLDER: Final = declare("scorecard.output-no-folder", "folder")


class FromFiles(Request, frozen=True):
    """An office's own lines and claims beside the package's."""

    lines: Annotated[
        Path | None,
        option("An office's own lines: a TOML file or a folder of them.", metavar="PATH", exists=PATH),
    ] = None
    claims: Annotated[
        tuple[Path, ...],
        option("Further claims: TOML files or folders; repeatable.", metavar="PATH", exists=PATH),
    ] = ()


KnownOnField = Annotated[
    str, option("As known on that day: numbers public later count as unpublished.", metavar="DATE")
]
StatisticsField = Annotated[
    tuple[Path, ...],
    option("Files or folders of publishers' tables; repeatable.", metavar="PATH", exists=PATH),
]


@dataclass(frozen=True)
class Basis:
    """The evidence that is computed from, and the floor with whose eyes if there is one."""

    evidence: "Evidence"
    floor: Floor | None = None
    reader: Reader | None = None


def given(context: Context, statistics: Sequence[Path]) -> Basis:
    """Return the evidence of a floor, of files, or of the package. Raises `Unusable`."""
    from watchfloor.scorecard import evidence  # loads what reads tables

    if context.has_floor and statistics:
        refuse(ONE_SOURCE)
    if context.has_floor:
        return Basis(evidence.of_floor(context.floor, context.reader), context.floor, context.reader)
    if not statistics:
        return Basis(evidence.of_package())
    with context.busy("scorecard.reading"), answerable():
        found = evidence.of_files(statistics)
    for sentence in found.told:
        note(context, AS_WRITTEN, sentence=sentence)
    return Basis(found)


@contextmanager
def answerable() -> Iterator[None]:
    """Refuse what cannot be answered, such as an id that is none."""
    try:
        yield
    except Unanswerable as error:
        raise Unusable(error.reason) from error


def day_of(context: Context, text: str) -> date:
    """Return the day of a request; today if it names none. Raises `Refusal`."""
    return (moment_of_field(text, "on") or context.now).astimezone(UTC).date()


class ScorecardMade(Answer, frozen=True):
    """The page, and the digests of the files that it was written into.

    Attributes:
        languages: of its text.
        cautions: whether rows of a file could not be read.
    """

    card: Scorecard
    files: dict[str, str]
    signed: bool
    languages: tuple[Language, ...]
    unread: bool

    @property
    def cautions(self) -> bool:
        """Return whether rows of a file could not be read."""
        return self.unread

    def about(self) -> dict[str, Any]:
        """Return which scorecard, of what, and the digests of its files."""
        card = self.card
        return {
            "on": card.on.isoformat(),
            "edition": card.edition,
            "marking": card.marking,
            "evidence": card.digest,
            "scorecard": digest(card),
            "withheld": card.withheld,
            "files": self.files,
            "signed": self.signed,
        }

    def as_json(self, plain: dict[str, Any]) -> dict[str, Any]:
        """Return the page itself, or what is said of its files."""
        return self.about() if self.files else dict(plain["card"])

    def written_out(self, _: object) -> Iterator[Line]:
        """Yield the page as text, if it was written into no file."""
        from watchfloor.scorecard.page.text import text

        if not self.files:
            yield Line(text(self.card, self.languages).removesuffix("\n"))


class FilesChecked(Answer, frozen=True):
    """Whether files are as they were listed, and who signed the list.

    Attributes:
        head: lines of the list before its files.
        signers, keys: who signed, and their public keys; `others`: keys for which nobody vouched.
        wrong: what is missing or was changed, a sentence each.
    """

    unprinted: ClassVar[tuple[str, ...]] = ("head", "keys")

    head: dict[str, str]
    files: list[str]
    signers: list[str]
    keys: list[str]
    others: list[str]
    wrong: list[str]

    @property
    def cautions(self) -> bool:
        """Return whether a difference was found, or no known signer."""
        return bool(self.wrong) or not self.signers

    def as_json(self, plain: dict[str, Any]) -> dict[str, Any]:
        """Return the head of the list with what was found."""
        return self.head | super().as_json(plain)

    def written_out(self, say: Any) -> Iterator[Line]:
        """Yield how many files are as listed, and who signed."""
        if not self.wrong:
            yield Line(say("scorecard.same", n=len(self.files), names=", ".join(self.files)))
        key = "signed" if self.keys else "signed_unknown" if self.others else "signed_nobody"
        yield Line(say(f"scorecard.{key}", names=", ".join(self.keys or self.others)))


class MakeScorecard(FromFiles, frozen=True):
    """Which page, and where to."""

    output: Annotated[
        tuple[Path, ...],
        option(
            "A new file: .html, .pdf, .json or .jsonld; repeatable. Its twins and the list of their digests, "
            "signed where there is a key, are written beside it.",
            spelling="-o",
        ),
    ] = ()
    on: KnownOnField = ""
    edition: Annotated[
        Literal["working", "public"],
        option("public: only what departments agreed to; working: marked as such."),
    ] = "working"
    statistics: StatisticsField = ()
    key: Annotated[Path | None, option("Sign with this secret key instead of the floor's.", exists=FILE)] = (
        None
    )
    verify: Annotated[
        Path | None,
        option("Check the files that this .sig or .unsigned lists; make none.", metavar="FILE"),
    ] = None
    address: Annotated[
        str, option("Where the page will be published: for the .jsonld, to link to.", metavar="URL")
    ] = ""
    trust: Annotated[
        tuple[str, ...],
        option("With --verify: a public key, name+hash+key; repeatable.", metavar="KEY"),
    ] = ()
    lang: Annotated[Literal["en", "fr", "both"], option("Language of the page; both in one file.")] = "en"


@action(
    "scorecard",
    "scorecard --on 2026-06-30 -o report.html -o report.pdf --lang both",
    floor_optional=True,
)
def make(context: Context, ask: MakeScorecard) -> ScorecardMade | FilesChecked:
    """Make the weekly page: what was said and promised, each computed from evidence. Two minutes without -o.

    The same evidence and day give the same bytes. No file is ever replaced. Exit codes: 0 all well; 1 rows of
    a file could not be read, or a check found a difference or no known signer.
    """
    languages = LANGUAGES[ask.lang]
    if ask.verify is not None:
        return _check(context, ask.verify, ask.trust, languages[0])
    if ask.trust:
        refuse(ONLY_TO_VERIFY)
    if ask.address and not re.fullmatch(r"https?://[^\s#/]+[^\s#]*", ask.address):
        refuse(NO_ADDRESS, address=ask.address)
    _refuse_outputs(ask.output, signed=bool(ask.key or context.has_floor))
    have = given(context, ask.statistics)
    card = _assembled(context, have, ask)
    signer = keys.load(ask.key) if ask.key else have.floor.signer if have.floor else None
    made = _files(context, card, ask, signer) if ask.output else {}
    answer = ScorecardMade(
        card=card,
        files={path.name: sha256(data).hexdigest() for path, data in made.items()},
        signed=any(path.suffix == ".sig" for path in made),
        languages=languages,
        unread=bool(have.evidence.told),
    )
    _write(context, made, answer)
    return answer


def _assembled(context: Context, have: Basis, ask: MakeScorecard) -> Scorecard:
    from watchfloor.scorecard import assemble  # loads scipy

    sources = assemble.Sources(have.evidence, have.floor, have.reader, ask.lines, ask.claims)
    with answerable(), context.busy("scorecard.checking"):
        return assemble.assemble(sources, day_of(context, ask.on), ask.edition)


def _files(context: Context, card: Scorecard, ask: MakeScorecard, signer: Signer | None) -> dict[Path, bytes]:
    """Return every file, made before one is written. Raises `Refusal` for one that is there."""
    from watchfloor.scorecard.page.files import files

    with answerable(), context.busy("scorecard.setting"):
        made = files(card, ask.output, LANGUAGES[ask.lang], signer, ask.address)
    refuse_existing(*made)
    return made


def _refuse_outputs(outputs: Sequence[Path], *, signed: bool) -> None:
    """Refuse, before anything is computed, a file that is there already or has no folder."""
    if not outputs:
        return
    from watchfloor.scorecard.page.files import paths

    with answerable():
        together = paths(outputs, signed=signed)
    for path in outputs:
        if not path.parent.is_dir():
            refuse(NO_FOLDER, folder=str(path.parent))
    beside = [path.with_name(path.name + end) for path, ends in together.items() for end in sorted(ends)]
    refuse_existing(*outputs, *beside)


def _write(context: Context, made: Mapping[Path, bytes], answer: ScorecardMade) -> None:
    """Write all files or none; on a floor the log says what was made of what before a file has its name."""
    with ExitStack() as stack:
        for path, data in made.items():
            stack.enter_context(new_file(path, data))
        if context.has_floor:
            context.log_query("scorecard", **answer.about())
    for path in made:
        note(context, WROTE, file=str(path))
    if made and not answer.signed:
        note(context, UNSIGNED)


def _check(context: Context, path: Path, trusted: Sequence[str], language: Language) -> FilesChecked:
    """Check the files of a list, and its signature by the keys that are trusted."""
    from watchfloor.scorecard.page.signing import check

    known = [Verifier.parse(text) for text in trusted]
    with answerable():
        found = check(path, [*known, context.floor.signer.verifier] if context.has_floor else known)
    wrong = [one[language] for one in found.wrong]
    for sentence in wrong:
        note(context, AS_WRITTEN, sentence=sentence)
    return FilesChecked(
        head=found.head,
        files=list(found.files),
        signers=[one.name for one in found.signers],
        keys=[one.text for one in found.signers],
        others=list(found.others),
        wrong=wrong,
    )
