"""`watchfloor floor erase`, `expire` and `compact`: what is taken off a floor, and how it is kept small."""

from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from watchfloor.cli.acting import write_new
from watchfloor.cli.common import (
    DEFAULT_FLOOR,
    DEFAULT_PURPOSE,
    MISSING,
    REFUSED,
    USAGE,
    AuthorityOption,
    FloorOption,
    JsonOption,
    LangOption,
    PurposeOption,
    acting,
    busy,
    counted,
    fail,
    keeper,
    print_json,
    reader,
    warn_of_old_pages,
)

if TYPE_CHECKING:
    from watchfloor.core.messages import Language
    from watchfloor.store import Floor
    from watchfloor.store.erasure.erasing import Erasure
    from watchfloor.store.erasure.retention import Retention
    from watchfloor.store.erasure.scope import Named, Scope


def erase(
    why: Annotated[
        str, typer.Option("--why", help="The reason; it stays in the log, so name a file and nobody.")
    ],
    authority: AuthorityOption,
    records: Annotated[
        list[str] | None, typer.Argument(metavar="[RECORD…]", help="Record ids, or their starts.")
    ] = None,
    subject: Annotated[
        list[str] | None,
        typer.Option("--subject", help="A typed key: everything that is about it, and acts that name it."),
    ] = None,
    reports: Annotated[
        bool, typer.Option("--reports", help="Of a subject, also reports and tasks that name others too.")
    ] = False,
    category: Annotated[
        Literal["disposal", "consent", "order", "emergency"],
        typer.Option(
            "--category",
            help="The institution's own disposal; the individual consents; a court orders it; an emergency "
            "at a post abroad.",
        ),
    ] = "disposal",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would go, and touch nothing.")] = False,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="Write the signed certificate to a new file.")
    ] = None,
    floor: FloorOption = DEFAULT_FLOOR,
    lang: LangOption = "en",
    purpose: PurposeOption = DEFAULT_PURPOSE,
    as_json: JsonOption = False,
) -> None:
    """Erase records, all that was derived from them, and their original bytes. Old proofs stay valid.

    With --subject everything that you may see about somebody goes, and the content of acts that name them.
    What is under legal hold stays, and what was used for a decision stays for two years, unless the
    category waives that. Sealed sets of the partnership of banks that name the subject go. Backups and what
    recipients got are out of reach.

    Example: watchfloor floor erase d64a3caa --why "request A-77" --authority "Privacy Act s. 6(3)"
    -o certificate.txt
    """
    from watchfloor.store import Floor
    from watchfloor.store.erasure.certificates import issue

    opened = Floor.open(floor)
    if output is not None and output.exists():
        fail(f"{output} is there already; name a new file for the certificate", REFUSED)
    ids = [_one(opened, text, purpose) for text in records or []]
    scope = _scope(opened, subject or [], purpose)
    ids += [one.record_id for one in (*scope.about, *(scope.shared if reports else ()))]
    left = [] if reports else scope.shared
    if dry_run or not ids:
        _asked(opened, records or [], subject or [], len(ids), purpose, authority)
        sealed = 0 if dry_run else _forget(opened, subject or [], purpose, authority)
        _told_plan(opened, ids, scope, left, lang, sealed, as_json)
        return
    paid = _payments(opened, ids, purpose)
    with opened.writer(acting(purpose, authority)) as writer, busy("erasing"), _held(opened, purpose):
        try:
            gone = writer.erase(ids, why, category=category, subjects=subject or ())
        except ValueError as error:
            fail(str(error))
    sealed = _forget(opened, [*(subject or []), *paid], purpose, authority)
    _cleanse(opened)
    if output is not None:
        write_new(output, issue(opened.root, opened.signer, gone.position))
    _told(gone, as_json, left, scope.same, sealed)


def expire(
    floor: FloorOption = DEFAULT_FLOOR,
    lang: LangOption = "en",
    purpose: PurposeOption = "retention",
    authority: AuthorityOption = "the records' own markings",
    as_json: JsonOption = False,
) -> None:
    """Erase every record whose marking lets it be kept no longer. Meant to run every night.

    What is under legal hold stays, and what was used for a decision not two years ago; both are told.

    Example: watchfloor floor expire --floor floor
    """
    from watchfloor.store import Floor

    opened, today = Floor.open(floor), datetime.now(UTC).date()
    with (
        opened.writer(acting(purpose, authority)) as writer,
        busy("erasing what has expired"),
        _held(opened, purpose),
    ):
        gone, kept = writer.expire(today)
    _cleanse(opened)
    stays = list(_kept_rows(kept, lang))
    if as_json:
        print_json((_row(gone) if gone else {"records": 0}) | {"kept": stays})
        return
    if gone is not None:
        _told(gone, as_json=False)
    else:
        typer.echo("nothing has expired" if not kept else "nothing was erased")
    for one in stays:
        typer.echo(f"kept: {counted(one['records'], one['kind'] + ' record')}: {one['why']}")


def compact(
    floor: FloorOption = DEFAULT_FLOOR,
    purpose: PurposeOption = "upkeep",
    authority: AuthorityOption = "the floor's owner",
    as_json: JsonOption = False,
) -> None:
    """Join small files into larger ones. Every proof stays valid.

    Example: watchfloor floor compact --floor floor
    """
    from watchfloor.store import Floor
    from watchfloor.store.verify import old_pages

    with Floor.open(floor).writer(acting(purpose, authority)) as writer, busy("joining small files"):
        joined = writer.compact()
    left = old_pages(floor)
    if as_json:
        print_json({"joined": joined, "old_pages": left})
        return
    typer.echo(f"{joined:,} small pieces joined" if joined else "nothing to join: no piece is small")
    if left:
        warn_of_old_pages()


@contextmanager
def _held(opened: "Floor", purpose: str) -> Iterator[None]:
    """Add to a refusal what the holds say, for those who may see them."""
    from watchfloor.store.erasure.holds import UnderHold

    try:
        yield
    except UnderHold as error:
        from watchfloor.actions.holds import visible

        seen = [one for one in visible(opened, reader(opened, purpose)) if one.position in error.holds]
        told = "; ".join(f"hold {one.position} was ordered by {one.ordered_by}: {one.why}" for one in seen)
        fail(f"{error}{f'. {told}' if told else ''}")


def _cleanse(opened: "Floor") -> None:
    """Take what was erased off partners' shelves and out of the console's jobs.

    A partner to whom somebody publishes now is left to `serve`.
    """
    from watchfloor.console.jobs.job_file import forget
    from watchfloor.exchange.partners.publisher import cleanse
    from watchfloor.store.errors import FloorBusy

    forget(opened.root, opened.newest_act("erasure"))
    with suppress(FloorBusy):
        cleanse(opened, opened.now())


def _forget(opened: "Floor", subjects: list[str], purpose: str, authority: str) -> int:
    """Erase subjects from the sealed sets of the partnership of banks, and log how many files that was.

    A subject under legal hold stays.
    """
    from watchfloor.exchange.partnership.forgetting import forget
    from watchfloor.store.erasure.holds import on

    with opened.writer(acting(purpose, authority)) as writer:
        held = {one for hold in on(opened.root) if hold.lifted is None for one in hold.subjects}
        wanted = [one for one in subjects if one not in held]
        sealed = forget(opened, wanted) if wanted else 0
        if sealed:
            writer.act("partnership-forgotten", {"files": sealed})
    return sealed


def _payments(opened: "Floor", ids: list[bytes], purpose: str) -> list[str]:
    """Payments among records as the sealed sets name them."""
    import pyarrow as pa
    import pyarrow.compute as pc

    rows = opened.read("payment", keeper(opened, purpose), columns=["record_id", "report_key"])
    wanted = pc.is_in(rows["record_id"], pa.array(ids, rows.schema.field("record_id").type))
    return [f"payment:{one}" for one in rows.filter(wanted)["report_key"].to_pylist() if one]


def _sealed(files: int) -> dict[str, int]:
    return {"sealed": files} if files else {}


def _told_sealed(files: int) -> None:
    if files:
        typer.echo(f"gone from {counted(files, 'sealed file')} of the partnership")


def _scope(opened: "Floor", subjects: list[str], purpose: str) -> "Scope":
    """Find the records that name the subjects, in this reader's view."""
    from watchfloor.core.marking import parse
    from watchfloor.core.subjects import SubjectError, parts
    from watchfloor.policy.policy import allowed
    from watchfloor.store.erasure.scope import Scope, on

    try:
        for key in subjects:
            parts(key)
    except SubjectError as error:
        fail(str(error))
    if not subjects:
        return Scope([], [], ())
    found, me = on(opened.root, subjects), keeper(opened, purpose)
    seen = [
        [one for one in named if allowed(me, parse(one.marking))] for named in (found.about, found.shared)
    ]
    return Scope(seen[0], seen[1], found.same)


def _one(opened: "Floor", text: str, purpose: str) -> bytes:
    found = opened.records(text, keeper(opened, purpose))
    if len(found) != 1:
        several = f"{len(found)} records have ids that start with {text!r}"
        fail(
            f"{several if found else f'no record that you may see has an id that starts with {text!r}'}; "
            "`watchfloor lead ID` shows the ids of a lead's records whole",
            USAGE if found else MISSING,
        )
    record_id: bytes = found[0][1]["record_id"]
    return record_id


def _asked(
    opened: "Floor", records: list[str], subjects: list[str], found: int, purpose: str, authority: str
) -> None:
    """Log that somebody asked what would go, and tell who holds it out of his sight."""
    from watchfloor.casework.tasking.deconfliction import log_hits

    detail = {"what": "erase", "records": records, "subjects": subjects, "found": found}
    opened.act(acting(purpose, authority), "query", detail)
    log_hits(opened, reader(opened, purpose), authority, subjects, "erase")


def _told_plan(
    opened: "Floor",
    ids: list[bytes],
    scope: "Scope",
    left: "list[Named]",
    lang: "Language",
    sealed: int,
    as_json: bool,
) -> None:
    """Say what would go, and what keeps it."""
    from watchfloor.store.erasure.retention import on

    found, today = on(opened.root, ids) if ids else [], datetime.now(UTC).date()
    stays = list(_kept_rows((one for one in found if one.kept(today)), lang))
    if as_json:
        kinds = Counter(one.kind for one in found)
        row = {"records": len(ids), "kinds": kinds, "kept": stays, **_left_row(left, scope.same)}
        print_json(row | _sealed(sealed))
        return
    _told_sealed(sealed)
    if not ids:
        typer.echo("Nothing that you may see is about that.")
    else:
        typer.echo(f"would go: {_kinds(one.kind for one in found)}, and all that rests on it")
    for one in stays:
        typer.echo(f"kept: {counted(one['records'], one['kind'] + ' record')}: {one['why']}")
    _told_left(left, scope.same)


def _kept_rows(kept: "Iterable[Retention]", lang: "Language") -> Iterator[dict[str, Any]]:
    """Yield the records that stay past their marking, a group a row."""
    today = datetime.now(UTC).date()
    groups = Counter((one.kind, one.floor, one.applies(today).render(lang)) for one in kept)
    for (kind, until, why), records in sorted(groups.items(), key=str):
        yield {"kind": kind, "records": records, "until": until, "why": why}


def _row(gone: "Erasure") -> dict[str, Any]:
    return gone._asdict() | {"certificate": f"watchfloor floor certificate issue {gone.position}"}


def _told(
    gone: "Erasure",
    as_json: bool,
    left: "Iterable[Named]" = (),
    same: tuple[str, ...] = (),
    sealed: int = 0,
) -> None:
    left = list(left)
    if as_json:
        print_json(_row(gone) | _left_row(left, same) | _sealed(sealed))
        return
    _told_sealed(sealed)
    typer.echo(
        f"erased at position {gone.position}: {counted(gone.records, 'record')}, "
        f"{counted(gone.derived, 'derived row')}, {counted(gone.deliveries, 'delivery', 'deliveries')}, "
        f"{counted(gone.quarantined, 'quarantined piece')}, {counted(gone.shown, 'thing')} shown, "
        f"{counted(gone.acts, 'act')}. Next: watchfloor run"
    )
    for model in gone.models:
        typer.echo(
            f"a weight table was fitted on it ({model[:12]}): watchfloor leads refit, and use the new one"
        )
    for bundle in gone.disclosed:
        typer.echo(f"it went out in bundle {bundle}: watchfloor share bundle recall {bundle}")
    if gone.stays:
        typer.echo(
            f"{counted(len(gone.stays), 'act')} of the log that may name it stay, as record of a disclosure, "
            f"a hold or the floor's own work: {', '.join(map(str, gone.stays))}"
        )
    if not gone.settled:
        warn_of_old_pages()
    _told_left(left, same)
    typer.echo(
        f"certificate: watchfloor floor certificate issue {gone.position}. Backups and what recipients got "
        f"are out "
        "of this floor's reach."
    )


def _told_left(left: "list[Named]", same: tuple[str, ...]) -> None:
    if left:
        ids = ", ".join(one.record_id.hex()[:12] for one in left[:5])
        typer.echo(
            f"left: {_kinds(one.kind for one in left)} that may name others too ({ids}"
            f"{', …' if len(left) > 5 else ''}); look at them, and erase them with --reports"
        )
    for key in same:
        typer.echo(f"left: {key}, which somebody judged to be the same; erase it with --subject {key}")


def _left_row(left: "list[Named]", same: tuple[str, ...]) -> dict[str, Any]:
    return {"left": [[one.kind, one.record_id.hex()] for one in left], "same": list(same)}


def _kinds(kinds: Iterable[str]) -> str:
    return ", ".join(counted(count, f"{kind} record") for kind, count in sorted(Counter(kinds).items()))
