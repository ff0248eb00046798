"""`watchfloor scorecard`: the weekly page, its twins and their signature."""

import re
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

import typer

from watchfloor.cli.common import (
    DEFAULT_AUTHORITY,
    DEFAULT_PURPOSE,
    MISSING,
    PARTLY,
    AuthorityOption,
    JsonOption,
    PurposeOption,
    acting,
    busy,
    err,
    fail,
    print_json,
    refuse,
)
from watchfloor.cli.scorecard.claims_evidence import (
    ClaimsOption,
    Known,
    LinesOption,
    OnOption,
    OptionalFloor,
    StatisticsOption,
    day_of,
    known,
    there,
    unanswerable,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from watchfloor.records.messages import Language
    from watchfloor.scorecard.findings import Edition, Scorecard
    from watchfloor.scorecard.page.signing import Checked
    from watchfloor.store.log.notes import Signer, Verifier

LANGUAGES: Final[dict[str, "tuple[Language, ...]"]] = {"en": ("en",), "fr": ("fr",), "both": ("en", "fr")}

UNSIGNED: Final = {
    "en": "unsigned: give --floor, or --key with a file of `watchfloor cases custody key make`",
    "fr": "sans signature : donnez --floor, ou --key avec un fichier de `watchfloor cases custody key make`",
}
SAME: Final = {
    "en": "{n} files are as they were listed: {names}",
    "fr": "{n} fichiers sont tels qu’ils ont été listés : {names}",
}
SIGNED: Final = {"en": "signed by {names}", "fr": "signé par {names}"}
UNKNOWN: Final = {
    "en": "signed by {names}, whom nobody vouched for: give its public key with --trust, or --floor",
    "fr": "signé par {names}, dont personne ne répond : donnez sa clé publique avec --trust, ou --floor",
}
NOBODY: Final = {
    "en": "unsigned: nothing shows who made these files",
    "fr": "sans signature : rien ne montre qui a fait ces fichiers",
}


def scorecard(
    output: Annotated[
        list[Path] | None,
        typer.Option(
            "--output",
            "-o",
            help="A new file: .html, .pdf, .json or .jsonld; repeatable. Its twins and the list of their "
            "digests, signed where there is a key, are written beside it.",
        ),
    ] = None,
    on: OnOption = None,
    edition: Annotated[
        Literal["working", "public"],
        typer.Option("--edition", help="public: only what departments agreed to; working: marked as such."),
    ] = "working",
    statistics: StatisticsOption = None,
    lines: LinesOption = None,
    claims: ClaimsOption = None,
    key: Annotated[
        Path | None,
        typer.Option("--key", help="Sign with this secret key instead of the floor's.", dir_okay=False),
    ] = None,
    verify: Annotated[
        Path | None,
        typer.Option(
            "--verify", metavar="FILE", help="Check the files that this .sig or .unsigned lists; make none."
        ),
    ] = None,
    address: Annotated[
        str,
        typer.Option(
            "--address", metavar="URL", help="Where the page will be published: for the .jsonld, to link to."
        ),
    ] = "",
    trust: Annotated[
        list[str] | None,
        typer.Option(
            "--trust", metavar="KEY", help="With --verify: a public key, name+hash+key; repeatable."
        ),
    ] = None,
    floor: OptionalFloor = None,
    lang: Annotated[
        Literal["en", "fr", "both"], typer.Option("--lang", help="Language of the page; both in one file.")
    ] = "en",
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Make the weekly page: what was said and promised, each computed from evidence. Two minutes without -o.

    The same evidence and day give the same bytes. No file is ever replaced. Exit codes: 0 all well; 1 rows of
    a file could not be read, or a check found a difference or no known signer.

    Example: watchfloor scorecard --on 2026-06-30 -o report.html -o report.pdf --lang both
    """
    languages = LANGUAGES[lang]
    if verify is not None:
        _verify(verify, trust or [], floor, languages[0], as_json=as_json)
        return
    if trust:
        fail("--trust: a key to check a signature with; give --verify FILE too")
    if address and not re.fullmatch(r"https?://[^\s#/]+[^\s#]*", address):
        fail(
            f"--address {address!r}: that is no address of a page; one is https://example.org/scorecard.html"
        )
    outputs = output or []
    _free(outputs, languages[0], signed=bool(key or floor))
    have = known(floor, statistics, purpose)
    card = _assembled(have, lines, claims, on, edition)
    made = _files(card, outputs, languages, _signer(have, key), address) if outputs else {}
    _write(have, card, made, purpose, authority)
    if as_json:
        print_json(_about(card, made) if outputs else _plain(card))
    elif outputs:
        for path in made:
            err.print(f"wrote {path}", highlight=False, markup=False)
        if not any(path.suffix == ".sig" for path in made):
            err.print(UNSIGNED[languages[0]], highlight=False, markup=False)
    else:
        from watchfloor.scorecard.page.text import text

        typer.echo(text(card, languages), nl=False)
    raise typer.Exit(PARTLY if have.evidence.told else 0)


def _assembled(
    have: Known, lines: Path | None, claims: list[Path] | None, on: str | None, edition: "Edition"
) -> "Scorecard":
    from watchfloor.scorecard.assemble import Sources, assemble

    there("--lines", [lines] if lines else None)
    there("--claims", claims)
    sources = Sources(have.evidence, have.floor, have.reader, lines, tuple(claims or ()))
    with unanswerable("en"), busy("checking claims"):
        return assemble(sources, day_of(on), edition)


def _files(
    card: "Scorecard",
    outputs: list[Path],
    languages: "tuple[Language, ...]",
    signer: "Signer | None",
    address: str,
) -> dict[Path, bytes]:
    """Every file, made before one is written. Ends the command for one that is there, or cannot be made."""
    from watchfloor.cli.share.bundle_words import unused
    from watchfloor.scorecard.page.files import files

    with unanswerable(languages[0]), busy("setting the page"):
        made = files(card, outputs, languages, signer, address)
    for path in made:
        unused(path, "-o")
    return made


def _free(outputs: list[Path], language: "Language", *, signed: bool) -> None:
    """Ends the command before anything is computed where a file that it would write is there already."""
    if not outputs:
        return
    from watchfloor.cli.share.bundle_words import unused
    from watchfloor.scorecard.page.files import paths

    with unanswerable(language):
        together = paths(outputs, signed=signed)
    for path in outputs:
        unused(path, "-o")
        if not path.parent.is_dir():
            fail(f"-o {path}: there is no folder {path.parent}", MISSING)
    for base, suffixes in together.items():
        for suffix in sorted(suffixes):
            unused(base.with_name(base.name + suffix), "-o")


def _write(
    have: Known, card: "Scorecard", made: "Mapping[Path, bytes]", purpose: str, authority: str
) -> None:
    """All files or none; on a floor the log says what was made of what before a file has its name."""
    from watchfloor.actions.base import new_file
    from watchfloor.cli.acting import refusals

    with refusals("en"), ExitStack() as stack:
        for path, data in made.items():
            stack.enter_context(new_file(path, data))
        if have.floor:
            detail = {"what": "scorecard", **_about(card, made)}
            have.floor.act(acting(purpose, authority), "query", detail)


def _signer(have: Known, key: Path | None) -> "Signer | None":
    """The key of a file, else that of the floor."""
    if key is None:
        return have.floor.signer if have.floor else None
    from watchfloor.casework.custody.signing import load
    from watchfloor.cell.acts import Refused, render

    try:
        return load(key)
    except Refused as error:
        refuse(render(error.reason), error.reason.message)


def _about(card: "Scorecard", made: "Mapping[Path, bytes]") -> dict[str, Any]:
    """Which scorecard, of what, and the digests of its files."""
    from hashlib import sha256

    from watchfloor.scorecard.findings import digest

    return {
        "on": card.on.isoformat(),
        "edition": card.edition,
        "marking": card.marking,
        "evidence": card.digest,
        "scorecard": digest(card),
        "withheld": card.withheld,
        "files": {path.name: sha256(data).hexdigest() for path, data in made.items()},
        "signed": any(path.suffix == ".sig" for path in made),
    }


def _plain(card: "Scorecard") -> dict[str, Any]:
    import msgspec

    return dict(msgspec.to_builtins(card, str_keys=True))


def _verify(path: Path, trusted: list[str], floor: Path | None, lang: "Language", *, as_json: bool) -> None:
    """Say whether files are as they were listed, and who signed the list."""
    from watchfloor.scorecard.page.signing import check

    with unanswerable(lang):
        found = check(path, _verifiers(trusted, floor))
    if as_json:
        print_json(
            found.head
            | {
                "files": list(found.files),
                "signers": [one.name for one in found.signers],
                "others": list(found.others),
                "wrong": [one[lang] for one in found.wrong],
            }
        )
    else:
        _tell(found, lang)
    if found.wrong or not found.signers:
        raise typer.Exit(PARTLY)


def _tell(found: "Checked", lang: "Language") -> None:
    for one in found.wrong:
        err.print(one[lang], style="yellow", markup=False, highlight=False)
    if not found.wrong:
        typer.echo(SAME[lang].format(n=len(found.files), names=", ".join(found.files)))
    if found.signers:
        typer.echo(SIGNED[lang].format(names=", ".join(one.text for one in found.signers)))
    elif found.others:
        typer.echo(UNKNOWN[lang].format(names=", ".join(found.others)))
    else:
        typer.echo(NOBODY[lang])


def _verifiers(trusted: list[str], floor: Path | None) -> "list[Verifier]":
    from watchfloor.store.floor import Floor
    from watchfloor.store.log.notes import Verifier

    known = [Verifier.parse(text) for text in trusted]
    return known if floor is None else [*known, Floor.open(floor).signer.verifier]
