"""Which subjects are likely one by Splink, a model of record linkage that is fitted on the records at hand.

The model is Fellegi and Sunter's (1969) with term frequencies: each comparison of two subjects falls on a
level, and the level is worth log2(m / u) bits: how often pairs that are one reach it, against pairs that are
not. Where both have one value, u is how common that value is. u of the levels is counted on pairs drawn from
the records; m is found by expectation maximisation among pairs that two facts or a document already join,
because among all pairs that share a telephone it would learn households. Splink works in DuckDB, in memory,
with no access to files or network. It is the extra `splink`.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from importlib.metadata import version
from importlib.util import find_spec
from math import comb
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa

from watchfloor.cell.identity.likeness import CHANCE
from watchfloor.cell.identity.profiles import BIRTH, NAME, Profile, holders, may_be_one, profiles
from watchfloor.cell.identity.proposals import MESSAGES, Proposal, Term, prior, propose, ranked
from watchfloor.cell.wording.estimative_language import log_odds
from watchfloor.core.messages import reason
from watchfloor.core.subjects import parts

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection
    from splink import Linker, SettingsCreator
    from splink.internals.comparison_creator import ComparisonCreator

FEWEST: Final = 100
"""Subjects from which a model can be fitted; with fewer our own rules say more."""

FEWEST_PAIRS: Final = 20
"""Pairs that a training needs, or it learns from chance."""

DRAWN: Final = 1e6
"""Pairs that u is counted on."""

SEED: Final = 1
"""Of the pairs that are drawn, so that the same records give the same model."""

HUB: Final = 50
"""A number that more subjects gave than this tells none of them apart and is left out."""

NUMBERS: Final = ("phone", "address", "person")
"""Types of identifier that are compared; `person` is a passport or another document of one person."""

SCHEMA: Final = pa.schema(
    [("unique_id", pa.string()), (NAME, pa.string()), ("words", pa.list_(pa.string())), (BIRTH, pa.string())]
    + [(what, pa.string()) for what in NUMBERS]
)

LEVELS: Final[Mapping[str, tuple[str, ...]]] = {
    NAME: ("other", "part", "part", "close", "same"),
    BIRTH: ("other", "near", "year", "same"),
    "contact": ("other", "address", "phone", "both"),
    "person": ("other", "close", "same"),
}
"""What each comparison's levels are called, from the weakest, as Splink numbers them from 0."""

BLOCKS: Final = (
    *((NAME,), ("phone",), ("address",), ("person",), (BIRTH,)),
    *((f"substr({NAME}, 1, 6)",), (f"substr({NAME}, -6)",)),
)
"""A pair is looked at where it agrees on one of these."""

TRAINED_ON: Final = (
    *(("person",), (NAME, BIRTH)),
    *((NAME, "phone"), (NAME, "address"), (BIRTH, "phone"), (BIRTH, "address")),
)
"""What joins the pairs that m is learned from."""


AS_FAR_AS_KNOWN: Final = "starts_with(birth_l, birth_r) OR starts_with(birth_r, birth_l)"
SLIP: Final = (
    "damerau_levenshtein(birth_l, birth_r) <= 1 OR (length(birth_l) = 10 AND length(birth_r) = 10"
    " AND birth_l[1:4] = birth_r[1:4] AND birth_l[6:7] = birth_r[9:10] AND birth_l[9:10] = birth_r[6:7])"
)
NO_CONTACT: Final = "(phone_l IS NULL OR phone_r IS NULL) AND (address_l IS NULL OR address_r IS NULL)"


class NoSplinkError(RuntimeError):
    """Splink is not installed, or there is too little to fit a model on."""


def likely_by_splink(
    parties: pa.Table, threshold: float, report: Callable[[str], object] = lambda _: None
) -> list[Proposal]:
    """The pairs of subjects of `party` records that are as likely one as `threshold`, likeliest first.

    Args:
        parties: `party` records that the reader may see.
        threshold: a probability.
        report: takes what is being done, in words.

    Raises:
        NoSplinkError: Splink is not installed, or there are fewer than `FEWEST` named subjects.
    """
    if not find_spec("splink"):
        raise NoSplinkError("Splink is not installed: pip install 'watchfloor[splink]'; or leave out --with")
    people = {one.subject: one for one in profiles(parties)}
    if len(people) < FEWEST:
        raise NoSplinkError(
            f"{len(people)} named subjects are too few to fit a model on (it needs {FEWEST}); "
            "leave out --with splink, and our own rules are used"
        )
    rows = table(people.values())
    linker = fitted(rows, report)
    report("comparing")
    found = linker.inference.predict(threshold_match_probability=threshold).as_record_list()
    counts = {column: Counter(rows[column].drop_null().to_pylist()) for column in (NAME, BIRTH, *NUMBERS)}
    first = prior(len(people), log_odds(1 / len(people)))
    return ranked(_proposals(found, people, first, counts), threshold)


def rule() -> str:
    """The model's name, with the version that fitted it."""
    return f"splink-{version('splink')}"


def table(people: Iterable[Profile]) -> pa.Table:
    """One row a subject as Splink compares them, with one number of each type: one that few others gave."""
    people = list(people)
    held = {number: len(gave) for number, gave in holders(people).items()}
    return pa.Table.from_pylist(
        [
            {"unique_id": one.subject, NAME: " ".join(one.words), "words": list(one.words)}
            | {BIRTH: one.birth_date}
            | {what: _telling(one, what, held) for what in NUMBERS}
            for one in people
        ],
        schema=SCHEMA,
    )


def _telling(one: Profile, what: str, held: Mapping[str, int]) -> str | None:
    """Of a subject's numbers of a type the one that the fewest others gave too; else one that nobody gave."""
    known = (number for number in one.numbers if parts(number)[0] == what and held[number] <= HUB)
    return min(known, key=lambda number: (held[number] < 2, held[number], number), default=None)


def fitted(rows: pa.Table, report: Callable[[str], object] = lambda _: None) -> "Linker":
    """A model of these rows, ready to score them; what nothing in them teaches keeps Splink's defaults."""
    used = _used(rows)
    teaching = [
        columns
        for columns in TRAINED_ON
        if _pairs(rows, columns) >= FEWEST_PAIRS and _compared(used) - _compared(columns)
    ]
    while True:
        linker = _untrained(rows)
        report("counting how often strangers agree")
        linker.training.estimate_u_using_random_sampling(max_pairs=DRAWN - 1, seed=SEED)
        if (
            failed := next((columns for columns in teaching if not _learn(linker, columns, report)), None)
        ) is None:
            return linker
        teaching.remove(failed)  # a training that fails leaves a model without the comparisons of its block


def _untrained(rows: pa.Table) -> "Linker":
    import logging

    from splink import DuckDBAPI, Linker

    database = DuckDBAPI(_connection())
    linker = Linker(database.register(rows), _settings(rows), log_level=logging.ERROR)
    for column in (NAME, BIRTH, *NUMBERS):
        common = database.register(frequencies(rows, column))
        linker.table_management.register_term_frequency_lookup(common, column)
    return linker


def _learn(linker: "Linker", columns: tuple[str, ...], report: Callable[[str], object]) -> bool:
    """Learn m from the pairs that agree on these columns; False where a level's m sinks below any float."""
    from splink import block_on

    report(f"learning from pairs with one {' and '.join(columns)}")
    try:
        linker.training.estimate_parameters_using_expectation_maximisation(block_on(*columns))
    except ValueError:
        return False
    return True


def _connection() -> "DuckDBPyConnection":
    import duckdb

    offline: dict[str, str | bool | int | float | list[str]] = {
        "enable_external_access": False,
        "autoinstall_known_extensions": False,
    }
    return duckdb.connect(":memory:", config=offline)


def frequencies(rows: pa.Table, column: str) -> pa.Table:
    """How common each value is among strangers: without the two compared, and with what chance adds."""
    counts = Counter(rows[column].drop_null().to_pylist())
    of = max(counts.total(), 1)
    common = [(max(count - 2, 0) + CHANCE[column]) / of for count in counts.values()]
    return pa.table(
        {column: pa.array(counts.keys(), pa.string()), f"tf_{column}": pa.array(common, pa.float64())}
    )


def _pairs(rows: pa.Table, columns: Iterable[str]) -> int:
    """How many pairs agree on all of these columns."""
    values = zip(*(rows[column].to_pylist() for column in columns), strict=True)
    return sum(comb(count, 2) for count in Counter(value for value in values if None not in value).values())


def _used(rows: pa.Table) -> set[str]:
    """The columns worth comparing: the name, and those in which any two subjects agree."""
    return {NAME, *(column for column in (BIRTH, *NUMBERS) if _pairs(rows, (column,)))}


def _compared(columns: Iterable[str]) -> set[str]:
    """The comparisons that use these columns."""
    return {"contact" if column in ("phone", "address") else column for column in columns}


def _settings(rows: pa.Table) -> "SettingsCreator":
    from splink import SettingsCreator, block_on

    return SettingsCreator(
        link_type="dedupe_only",
        probability_two_random_records_match=1 / rows.num_rows,
        comparisons=list(_comparisons(_used(rows))),
        blocking_rules_to_generate_predictions=[block_on(*columns) for columns in BLOCKS],
        retain_intermediate_calculation_columns=True,
    )


def _comparisons(used: set[str]) -> "Iterator[ComparisonCreator]":
    """The comparisons of columns in which any two subjects agree; the strongest level of each first."""
    import splink.comparison_level_library as level
    from splink.comparison_library import CustomComparison

    def same(column: str) -> level.ExactMatchLevel:
        return level.ExactMatchLevel(column, term_frequency_adjustments=True)

    close = level.Or(level.JaroWinklerLevel(NAME, 0.92), level.DamerauLevenshteinLevel(NAME, 2))
    words = level.ArrayIntersectLevel("words", 2), level.ArrayIntersectLevel("words", 1)
    yield CustomComparison([level.NullLevel(NAME), same(NAME), close, *words, level.ElseLevel()], NAME)
    if BIRTH in used:
        dates = level.CustomLevel(AS_FAR_AS_KNOWN), level.CustomLevel(SLIP)
        yield CustomComparison([level.NullLevel(BIRTH), same(BIRTH), *dates, level.ElseLevel()], BIRTH)
    if used & {"phone", "address"}:
        both = level.And(level.ExactMatchLevel("phone"), level.ExactMatchLevel("address"))
        unknown = level.CustomLevel(NO_CONTACT).configure(is_null_level=True)
        yield CustomComparison([unknown, both, same("phone"), same("address"), level.ElseLevel()], "contact")
    if "person" in used:
        near = level.DamerauLevenshteinLevel("person", 1)
        yield CustomComparison([level.NullLevel("person"), same("person"), near, level.ElseLevel()], "person")


def _proposals(
    found: Iterable[Mapping[str, Any]],
    people: Mapping[str, Profile],
    first: Term,
    counts: Mapping[str, Counter[str]],
) -> Iterator[Proposal]:
    name = rule()
    for row in found:
        one, other = (people[key] for key in sorted((row["unique_id_l"], row["unique_id_r"])))
        if may_be_one(one, other):
            yield propose(one, other, [first, *_terms(row, one, other, counts)], name)


def _terms(
    row: Mapping[str, Any], one: Profile, other: Profile, counts: Mapping[str, Counter[str]]
) -> Iterator[Term]:
    """A term for each comparison that found something to compare."""
    values = _values(row, one.subject)
    for what, levels in LEVELS.items():
        if row.get(f"gamma_{what}", -1) >= 0:
            bits = row[f"mw_{what}"] + row.get(f"mw_tf_adj_{what}", 0.0)
            yield _term(what, levels[row[f"gamma_{what}"]], bits, values, one, other, counts)


def _values(row: Mapping[str, Any], first: str) -> Mapping[str, tuple[str, str]]:
    """Return the compared values by column, the first subject's first."""
    sides = ("l", "r") if row["unique_id_l"] == first else ("r", "l")
    columns = [column for column in (NAME, BIRTH, *NUMBERS) if f"{column}_l" in row]
    return {column: (row[f"{column}_{sides[0]}"], row[f"{column}_{sides[1]}"]) for column in columns}


def _term(
    what: str,
    level: str,
    bits: float,
    values: Mapping[str, tuple[str, str]],
    one: Profile,
    other: Profile,
    counts: Mapping[str, Counter[str]],
) -> Term:
    column = _column(what, level, values)
    mine, theirs = values[column]
    message = MESSAGES[what if what in (NAME, BIRTH) else "number", "same" if level in NUMBERS else level]
    count = sum(counts[column][value] for value in {mine, theirs})
    known: dict[str, str | int] = {
        "one": one.name if what == NAME else mine,
        "other": {NAME: other.name}.get(what, values["address"][0] if level == "both" else theirs),
        "count": count,
        "total": counts[column].total(),
    }
    said = reason(message, **{name: known[name] for name in message.parameters})
    evidence = (
        one.said[mine if column in NUMBERS else column],
        other.said[theirs if column in NUMBERS else column],
    )
    if mine != theirs:
        return Term(what, bits, said, evidence=evidence)
    return Term(what, bits, said, mine, count, counts[column].total(), evidence)


def _column(what: str, level: str, values: Mapping[str, tuple[str, str]]) -> str:
    """The column that a level speaks of: contact is by telephone where both have one."""
    if what != "contact" or level in NUMBERS:
        return level if level in NUMBERS else what
    return "phone" if None not in values["phone"] else "address"
