"""`watchfloor cargo waybill`: pre-load air cargo data against the rules of the guidance."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from watchfloor.cli.cargo import waybill_words as words
from watchfloor.cli.common import (
    OK,
    PARTLY,
    JsonOption,
    LangOption,
    busy,
    err,
    fail,
    print_rows,
    print_table,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa

    from watchfloor.core.messages import Language
    from watchfloor.reference.preload import Answer, Checked, Open, Rule

app = typer.Typer(
    help="Air waybills against the rules of pre-load guidance, each with its clause.", no_args_is_help=True
)


@app.command()
def check(
    files: Annotated[
        list[Path],
        typer.Argument(metavar="FILE…", help="Files or folders of any format that yields declarations."),
    ],
    everything: Annotated[
        bool,
        typer.Option("--all", help="Also mail, exports and other ways, as if the guidance were about them."),
    ] = False,
    top: Annotated[int, typer.Option(min=1, help="Findings to show; -o and --json give all.")] = 40,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="FINDINGS", help="Write findings: .parquet or .csv."),
    ] = None,
    lang: LangOption = "en",
    as_json: JsonOption = False,
) -> None:
    """Check waybills before they are sent or loaded; show referrals in the files that nobody has lifted.

    A finding says what the data lack, not that anything is wrong with the goods or with anybody.

    Exit codes: 0 no must is broken; 1 a waybill breaks a must, or something could not be read.

    Example: watchfloor cargo waybill check manifests/ -o findings.parquet
    """
    from watchfloor.cli.cargo.files import read
    from watchfloor.feeds.files import rows_of
    from watchfloor.reference.preload import check as checked
    from watchfloor.reference.preload import unlifted

    if output is not None and output.suffix not in (".parquet", ".csv"):
        fail(f"-o {output.name}: write .parquet or .csv")
    given = read(files, ("declaration", "response"), standing=False)
    declarations = rows_of(given, "declaration")
    with busy("checking"):
        got = checked(declarations, everything=everything)
        standing = unlifted(rows_of(given, "response"))
    if output is not None:
        _write(_placed(got.findings, declarations, given.names), output)
    if as_json:
        print_rows(_lines(_placed(got.findings, declarations, given.names), standing, lang), "findings")
    else:
        _show(got, standing, top, lang)
    err.print(_summary(got, lang), highlight=False, markup=False)
    raise typer.Exit(PARTLY if got.failing or given.aside or given.faults else OK)


@app.command()
def rules(lang: LangOption = "en", as_json: JsonOption = False) -> None:
    """List every rule with its clause, and what each answer of an authority requires next.

    A clause marked "memory" was not read for this table: compare it with the document before you rely on it.

    Example: watchfloor cargo waybill rules --lang fr
    """
    from watchfloor.reference.preload import answers
    from watchfloor.reference.preload import rules as listed

    if as_json:
        print_rows((_rule(key, rule, lang) for key, rule in listed().items()), "rules")
        return
    lines = (
        (
            *(key, rule.severity, rule.demands.render(lang)),
            _suggests(rule.answer, rule.message),
            "\n".join(map(str, rule.cited)),
            *("\n".join(one) for one in zip(*((c.edition, c.checked) for c in rule.cited), strict=True)),
        )
        for key, rule in listed().items()
    )
    print_table("", words.RULES[lang], lines, words.WELL[lang])
    required = (
        (key, *_required(answer, lang), "\n".join(map(str, answer.cited)))
        for key, answer in answers().items()
    )
    head = words.OPEN[lang]
    print_table("", (head[1], *head[4:]), required, words.WELL[lang])


def _summary(got: "Checked", lang: "Language") -> str:
    """How many waybills were looked at, what came of it, and what was left."""
    numbers = (got.waybills, got.rows, got.failing, got.findings.num_rows)
    said = words.SUMMARY[lang].format(*numbers)
    for number, told in ((got.left, words.LEFT), (got.replaced, words.REPLACED)):
        said += told[lang].format(number) if number else ""
    return said


def _show(got: "Checked", standing: "Open", top: int, lang: "Language") -> None:
    from watchfloor.reference.preload import rules as listed

    if not got.waybills and not standing.rows.num_rows:
        typer.echo(words.NONE[lang])
        return
    lines = []
    for row in got.findings.slice(0, top).to_pylist():
        rule = listed()[row["rule"]]
        lines.append(
            (
                _waybill(row),
                f"{row['severity']}\n{row['rule']}",
                f"{row['field']}: {row['value']!r}" if row["field"] else "",
                *(rule.demands.render(lang), rule.right.render(lang)),
                _suggests(row["answer"], row["message"]),
                str(rule.cited[0]),
            )
        )
    if got.waybills:
        print_table("", words.HEADS[lang], lines, words.WELL[lang])
    if got.findings.num_rows > top:
        err.print(
            f"{got.findings.num_rows - top:,} more findings; -o FILE or --json gives all", highlight=False
        )
    if standing.rows.num_rows:
        print_table(words.UNLIFTED[lang], words.OPEN[lang], _open(standing, lang), words.WELL[lang])


def _open(standing: "Open", lang: "Language") -> "Iterator[tuple[object, ...]]":
    from watchfloor.reference.preload import answers

    for row in standing.rows.to_pylist():
        answer = answers()[row["answer"]]
        since = f"{row['observed_at']:%Y-%m-%d %H:%MZ}"
        said = (*_required(answer, lang), str(answer.cited[0]))
        yield (row["document"] or row["subject"], row["answer"], row["code"], since, *said)


def _required(answer: "Answer", lang: "Language") -> tuple[str, str, str]:
    return answer.requires.render(lang), answer.by.render(lang), answer.lifts.render(lang)


def _waybill(row: dict[str, Any]) -> str:
    return " / ".join(filter(None, (row["master"], row["document"]))) or row["subject"]


def _suggests(answer: str, message: str) -> str:
    return f"{answer}\n{message}" if message else answer


def _rule(key: str, rule: "Rule", lang: "Language") -> dict[str, Any]:
    return {
        "rule": key,
        "severity": rule.severity,
        "fields": list(rule.fields),
        "demands": rule.demands.render(lang),
        "right": rule.right.render(lang),
        "answer": rule.answer,
        "message": rule.message,
        "clauses": [clause._asdict() for clause in rule.cited],
    }


def _lines(findings: "pa.Table", standing: "Open", lang: "Language") -> "Iterator[dict[str, Any]]":
    """A line a finding, then a line an answer that stands."""
    from watchfloor.reference.preload import answers
    from watchfloor.reference.preload import rules as listed

    for row in findings.to_pylist():
        rule = listed()[row["rule"]]
        said = {"demands": rule.demands.render(lang), "right": rule.right.render(lang)}
        yield row | said | {"clauses": [clause._asdict() for clause in rule.cited]}
    for row in standing.rows.to_pylist():
        answer = answers()[row["answer"]]
        requires, by, lifts = _required(answer, lang)
        names = ("subject", "document", "answer", "code", "observed_at", "why")
        said = {"requires": requires, "of": by, "lifted_by": lifts}
        yield (
            {name: row[name] for name in names}
            | said
            | {"clauses": [clause._asdict() for clause in answer.cited]}
        )


def _placed(findings: "pa.Table", declarations: "pa.Table", names: dict[bytes, str]) -> "pa.Table":
    """Findings with the file and the place in it of the declaration."""
    import pyarrow as pa
    import pyarrow.compute as pc

    at = declarations.select(["delivery", "locator"]).take(findings["row"])
    known = pa.array(list(names), pa.binary(32))
    files = pa.array(list(names.values()), pa.string()).take(pc.index_in(at["delivery"], known))
    return findings.append_column("file", files).append_column("locator", at["locator"])


def _write(findings: "pa.Table", output: Path) -> None:
    import pyarrow.csv
    import pyarrow.parquet

    if output.suffix == ".parquet":
        pyarrow.parquet.write_table(findings, output)
    else:
        pyarrow.csv.write_csv(findings, output)
