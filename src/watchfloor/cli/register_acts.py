"""`watchfloor register call`, `attest`, `correct`, `approve`, `embargo`, `withdraw`: acts of agreement."""

from typing import Annotated

import typer

from watchfloor.cli.acting import MarkingOption, WhyOption
from watchfloor.cli.common import (
    DEFAULT_AUTHORITY,
    DEFAULT_FLOOR,
    DEFAULT_PURPOSE,
    AuthorityOption,
    FloorOption,
    JsonOption,
    LangOption,
    PurposeOption,
    fail,
)
from watchfloor.cli.moments import moment
from watchfloor.cli.register_common import (
    ClaimsOption,
    DepartmentOption,
    DigestOption,
    EditionOption,
    FunctionOption,
    LineArgument,
    LinesOption,
    NameOption,
    desk,
    do,
)


def add(app: typer.Typer) -> None:
    """Put these commands into a group."""
    for command in (call, attest, correct, approve, embargo, withdraw):
        app.command(command.__name__)(command)


def call(
    line: LineArgument,
    due: Annotated[str, typer.Option("--due", help="By when an answer is asked for: a day or a moment.")],
    asked: Annotated[
        str | None, typer.Option("--asked", help="What is asked, in your words; else as the register has it.")
    ] = None,
    department: DepartmentOption = None,
    marking: MarkingOption = None,
    edition: EditionOption = None,
    lines: LinesOption = None,
    claims: ClaimsOption = None,
    floor: FloorOption = DEFAULT_FLOOR,
    lang: LangOption = "en",
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Ask a department for its figure and its agreement to a line or claim: the data call.

    Example: watchfloor register call 14b --due 2026-12-04
    """
    from watchfloor.scorecard.agreement import acts

    where, until = desk(floor, purpose, lines, claims, lang), moment(due, "--due")
    do(
        where,
        line,
        authority,
        lambda post, item: acts.call(post, item, until, asked, department, marking, edition),
        as_json,
    )


def attest(
    line: LineArgument,
    name: NameOption = None,
    function: FunctionOption = None,
    digest: DigestOption = None,
    department: DepartmentOption = None,
    edition: EditionOption = None,
    lines: LinesOption = None,
    claims: ClaimsOption = None,
    floor: FloorOption = DEFAULT_FLOOR,
    lang: LangOption = "en",
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Record that a person of the department attests what stands now. A signed form does so by itself.

    Example: watchfloor register attest 14b --name "A. Roy" --function "Director General" --digest c23c2b41
    """
    from watchfloor.scorecard.agreement import acts

    who = acts.Person(name, function)
    where = desk(floor, purpose, lines, claims, lang)
    do(
        where,
        line,
        authority,
        lambda post, item: acts.attest(post, item, who, digest, department, None, edition),
        as_json,
    )


def correct(
    line: LineArgument,
    why: Annotated[str, typer.Option("--why", help="What was wrong with the figure before.")],
    name: NameOption = None,
    function: FunctionOption = None,
    digest: DigestOption = None,
    department: DepartmentOption = None,
    edition: EditionOption = None,
    lines: LinesOption = None,
    claims: ClaimsOption = None,
    floor: FloorOption = DEFAULT_FLOOR,
    lang: LangOption = "en",
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Attest anew what stands now, because the figure before was wrong; an approval of it ends.

    Example: watchfloor register correct 14b --why "two towers were counted twice" --name "A. Roy" --function
    Director
    """
    from watchfloor.scorecard.agreement import acts

    who = acts.Person(name, function)
    where = desk(floor, purpose, lines, claims, lang)
    do(
        where,
        line,
        authority,
        lambda post, item: acts.attest(post, item, who, digest, department, why, edition),
        as_json,
    )


def approve(
    line: LineArgument,
    words: Annotated[str, typer.Option("--words", help="The approver's own words.")],
    name: NameOption = None,
    function: FunctionOption = None,
    digest: DigestOption = None,
    department: DepartmentOption = None,
    edition: EditionOption = None,
    lines: LinesOption = None,
    claims: ClaimsOption = None,
    floor: FloorOption = DEFAULT_FLOOR,
    lang: LangOption = "en",
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Record that a second person of the department approves what was attested, in words of their own.

    Neither who attested it, nor who typed that, nor who entered the key of its form may be that person.

    Example: watchfloor register approve 14b --name "B. Singh" --function "Vice-President" --words "as in our
    ledger of 30 November"
    """
    from watchfloor.scorecard.agreement import acts

    who = acts.Person(name, function)
    where = desk(floor, purpose, lines, claims, lang)
    do(
        where,
        line,
        authority,
        lambda post, item: acts.approve(post, item, who, words, digest, department, edition),
        as_json,
    )


def embargo(
    line: LineArgument,
    until: Annotated[
        str | None,
        typer.Option("--until", help="No figure appears before: a moment, or the start of a day."),
    ] = None,
    lift: Annotated[bool, typer.Option("--lift", help="End the embargo that stands.")] = False,
    why: WhyOption = None,
    department: DepartmentOption = None,
    edition: EditionOption = None,
    lines: LinesOption = None,
    claims: ClaimsOption = None,
    floor: FloorOption = DEFAULT_FLOOR,
    lang: LangOption = "en",
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Let no figure of a line appear before a moment, in any edition; or lift that.

    Example: watchfloor register embargo 14b --until 2026-12-08T14:00Z --why "the minister speaks first"
    """
    from watchfloor.scorecard.agreement import acts

    if (until is None) is not lift:
        fail("say until when with --until, or end the embargo that stands with --lift")
    ends = moment(until, "--until", first=True) if until else None
    where = desk(floor, purpose, lines, claims, lang)
    do(
        where,
        line,
        authority,
        lambda post, item: acts.embargo(post, item, ends, why, department, edition),
        as_json,
    )


def withdraw(
    line: LineArgument,
    why: WhyOption = None,
    department: DepartmentOption = None,
    edition: EditionOption = None,
    lines: LinesOption = None,
    claims: ClaimsOption = None,
    floor: FloorOption = DEFAULT_FLOOR,
    lang: LangOption = "en",
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Take a department's agreement back, with its reason; the figure goes until it is asked and agreed anew.

    Example: watchfloor register withdraw 14b --why "the towers were leased, not bought"
    """
    from watchfloor.scorecard.agreement import acts

    where = desk(floor, purpose, lines, claims, lang)
    do(
        where,
        line,
        authority,
        lambda post, item: acts.withdraw(post, item, why, department, edition),
        as_json,
    )
