"""One lead on a terminal: its sum term by term, what would move it, and the records it rests on."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Final

from rich.console import Console
from rich.text import Text

from watchfloor.cli.common import caveats, print_table, reader

if TYPE_CHECKING:
    from watchfloor.cell.evidence import Cited
    from watchfloor.cell.leads import Contribution, Lead
    from watchfloor.cell.weights import Hypothesis, Weights
    from watchfloor.records.messages import Language
    from watchfloor.store import Floor

TERMS: Final = ("lead.rule", "lead.strength", "lead.bits", "lead.why")
RECORDS: Final = ("lead.kind", "lead.record", "lead.source", "lead.rated", "lead.observed", "lead.where")


def texts(lang: "Language") -> "Callable[..., str]":
    """Return what says a text of the catalogue in a language."""
    from watchfloor.messages.catalogue import Catalogue

    catalogue = Catalogue()
    return lambda key, **params: catalogue.say(key, lang, **params)


def chance(one: "Lead") -> str:
    """The probability, no surer than the words for it."""
    from watchfloor.cell.words import percent

    return f"{percent(one.probability):>6}"


def explain(opened: "Floor", one: "Lead", table: "Weights", lang: "Language", purpose: str) -> None:
    """Print a lead."""
    from watchfloor.cell.assessment import stated
    from watchfloor.cell.evidence import cited, folded, votes

    records = folded(cited(opened, reader(opened, purpose), one), one)
    say, console = texts(lang), Console(soft_wrap=True, emoji=False)
    hypothesis = table.hypotheses[one.hypothesis]
    console.print(Text(f"{one.subject}   [{one.marking}]", style="bold"))
    for caveat in caveats(opened, one.marking, lang):
        console.print(caveat, highlight=False, markup=False)
    if len(one.subjects) > 1:
        console.print(f"{say('lead.subjects')}: {', '.join(one.subjects)}", highlight=False, markup=False)
    title = hypothesis.called(lang)
    said = stated(one, hypothesis, lang)
    console.print(f"{title}: {chance(one).strip()}, {said}", highlight=False)
    for sentence in _assessment(one, hypothesis, lang):
        console.print(sentence, highlight=False, markup=False)
    for track, counts in votes(records).items():
        console.print(say("lead.votes", track=track, votes=counts), highlight=False, markup=False)
    looks = say("lead.looks", n=round(2**-one.looks), all=len(one.subjects))
    terms = [
        (say("lead.prior"), "", f"{one.prior:+.2f}", ""),
        *([(looks, "", f"{one.looks:+.2f}", "")] if one.looks else []),
        *(_term(contribution, lang) for contribution in one.contributions),
        (say("lead.total"), "", f"{one.bits:+.2f}", ""),
    ]
    print_table(say("lead.sum"), map(say, TERMS), terms, "")
    for heading, reasons in (("lead.joins", one.joins), ("lead.hubs", one.hubs)):
        if reasons:
            console.print(f"{say(heading)}:", style="italic")
        for each in reasons:
            console.print(f"  {each.render(lang)}", highlight=False, markup=False)
    print_table(
        f"{say('lead.evidence')} (`watchfloor record ID --original`)",
        map(say, RECORDS),
        [_record(each, say) for each in records],
        say("lead.evidence_none"),
    )


def _assessment(one: "Lead", hypothesis: "Hypothesis", lang: "Language") -> "Iterator[str]":
    """The interval, the confidence, and what would move it, a sentence each."""
    from watchfloor.cell.assessment import CONFIDENCE, confidence, interval, smallest_fall, smallest_rise
    from watchfloor.cell.words import percent

    say = texts(lang)
    low, high = interval(one, hypothesis)
    yield say("lead.interval", low=percent(low), high=percent(high))
    level, why = confidence(one, hypothesis)
    yield say("lead.confidence", word=CONFIDENCE[level][lang == "fr"], why=why.render(lang))
    rise, fall = smallest_rise(one, hypothesis), smallest_fall(one)
    if one.to_next_band is not None and rise is None:
        yield say("lead.no_rise")
    for name, step in (("lead.rise", rise), ("lead.fall", fall)):
        if step:
            moved = percent(step.probability)
            yield say(name, rule=step.rule, strength=step.strength, bits=f"{step.bits:+.2f}", word=moved)


def assessed_row(one: "Lead", hypothesis: "Hypothesis", lang: "Language") -> "dict[str, Any]":
    """The same as JSON."""
    from dataclasses import asdict

    from watchfloor.cell.assessment import confidence, interval, smallest_fall, smallest_rise

    low, high = interval(one, hypothesis)
    level, why = confidence(one, hypothesis)
    rise, fall = smallest_rise(one, hypothesis), smallest_fall(one)
    return {
        "interval": [round(low, 6), round(high, 6)],
        "confidence": level,
        "confidence_why": why.render(lang),
        "rise": asdict(rise) if rise else None,
        "fall": asdict(fall) if fall else None,
        "joins": [each.render(lang) for each in one.joins],
        "hubs": [each.render(lang) for each in one.hubs],
    }


def _term(one: "Contribution", lang: "Language") -> tuple[str, str, str, str]:
    note = f" ({one.note.render(lang)})" if one.note else ""
    return one.rule, one.strength, f"{one.bits:+.2f}", one.reason.render(lang) + note


def record_rows(opened: "Floor", one: "Lead", purpose: str) -> "list[dict[str, Any]]":
    """The records a lead cites as JSON, with the Admiralty pair of those that are reports."""
    from watchfloor.cell.evidence import cited

    columns = (
        "kind",
        "record_id",
        "source",
        "reliability",
        "credibility",
        "observed_at",
        "locator",
        "marking",
    )
    return [{name: row.get(name) for name in columns} for row in cited(opened, reader(opened, purpose), one)]


def _rated(row: "dict[str, Any]") -> str:
    """The Admiralty pair of a report, its two codes apart; nothing for a kind that has none."""
    return " ".join(row[name] or "–" for name in ("reliability", "credibility") if name in row)


def _record(one: "Cited", say: "Callable[..., str]") -> tuple[object, ...]:
    """A record; of what a sensor reported of one track the first, how many more, and the classes."""
    count = len(one.record_ids) - 1
    others = f" {say('lead.more_of_it', n=count)}" if count else ""
    row = one.row
    return (
        row["kind"],
        row["record_id"].hex() + others,
        row["source"],
        _rated(row),
        _observed(one),
        _where(one),
    )


def _observed(one: "Cited") -> str:
    from watchfloor.formats.lists.listing_rows import UNDATED

    since = one.row["observed_at"]
    if since == UNDATED:
        return ""
    if not one.sensor:
        return f"{since:%Y-%m-%d}"
    if one.until == since:
        return f"{since:%Y-%m-%d %H:%M:%SZ}"
    until = "%H:%M:%SZ" if one.until.date() == since.date() else "%Y-%m-%d %H:%M:%SZ"
    return f"{since:%Y-%m-%d %H:%M:%S} – {one.until:{until}}"


def _where(one: "Cited") -> str:
    if not one.sensor:
        return str(one.row["locator"])
    from watchfloor.cell.evidence import voted

    return ": ".join(filter(None, (" ".join(filter(None, (one.sensor, one.track))), voted(one.votes))))
