"""`leads compare`: whether two records are of one person, in columns that may tell nothing else."""

from typing import Annotated, Final

import typer

from watchfloor.cli.common import (
    DEFAULT_AUTHORITY,
    DEFAULT_FLOOR,
    DEFAULT_PURPOSE,
    AuthorityOption,
    FloorOption,
    JsonOption,
    LangOption,
    PurposeOption,
    acting,
    fail,
    print_rows,
    print_table,
    reader,
)

HEADS: Final = {"en": ("column", "the records"), "fr": ("colonne", "les enregistrements")}
WORDS: Final = {
    "en": {"agree": "agree", "differ": "differ", "unknown": "do not say"},
    "fr": {"agree": "concordent", "differ": "diffèrent", "unknown": "ne le disent pas"},
}


def compare(
    one: Annotated[str, typer.Argument(metavar="RECORD", help="A record's id, or the start of it.")],
    other: Annotated[str, typer.Argument(metavar="RECORD", help="The other record.")],
    columns: Annotated[
        str, typer.Option("--columns", help="With commas between: birth_date, country, citizenship, name …")
    ],
    why: Annotated[str, typer.Option("--why", help="Why it must be known; it stays in the log.")],
    floor: FloorOption = DEFAULT_FLOOR,
    lang: LangOption = "en",
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Tell whether two records agree in what may only confirm or clear that they are of one person.

    Per column: they agree, they differ, or they do not say. There is no score, and the values are not shown.

    Example: watchfloor leads compare 5f0c 77ab --columns birth_date,country --why "two trips, one passport"
    """
    from watchfloor.cell.identity.comparing import NoColumn
    from watchfloor.cell.identity.comparing import compare as compared
    from watchfloor.feeds.original import find
    from watchfloor.store.floor import Floor

    if not why.strip():
        fail("--why needs a reason: comparing who people are is an act that somebody answers for")
    opened = Floor.open(floor)
    mine = reader(opened, purpose)
    first, second = find(opened, one, mine)[1], find(opened, other, mine)[1]
    if first["record_id"] == second["record_id"]:
        fail(f"{one} and {other} are one record; name two")
    try:
        answers = compared(first, second, columns.split(","))
    except NoColumn as error:
        fail(f"--columns: {error}")
    records = [row["record_id"].hex() for row in (first, second)]
    asked = {"records": records, "columns": [each.column for each in answers], "why": why}
    opened.act(acting(purpose, authority), "identity-compared", asked)
    if as_json:
        print_rows((each._asdict() for each in answers), "columns")
        return
    lines = ((each.column, WORDS[lang][each.answer]) for each in answers)
    print_table("", HEADS[lang], lines, "")
