"""The PDF of a lead's paper; how it is set, and what no font draws, see `cell.wording.typesetting`."""

from collections.abc import Callable
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Any, Final

import msgspec

from watchfloor.cell.acts import refuse
from watchfloor.cell.wording import typesetting
from watchfloor.console.briefing.paper import Paper
from watchfloor.core.messages import declare
from watchfloor.messages import figures
from watchfloor.messages.catalogue import Catalogue

Say = Callable[..., str]
"""Words of the interface by their key, in the language of the paper."""

NO_PDF: Final = declare("console.no-pdf", "problem")


def pdf(paper: Paper, say: Say, at: datetime) -> bytes:
    """A paper as PDF.

    Args:
        paper: what it says.
        say: words in its language.
        at: when it is printed.

    Raises:
        Refusal: Typst makes none, for another reason than a character.
    """
    try:
        return typesetting.pdf(
            _template(), _data(paper, say), lambda n, first: say("missing", n=n, first=first), at
        )
    except typesetting.Unset as error:
        refuse(NO_PDF, problem=str(error))


@cache
def _template() -> bytes:
    return (files(__package__) / "briefing.typ").read_bytes()


def _data(paper: Paper, say: Say) -> dict[str, Any]:
    """All that the template shows, in words."""
    cut, words = paper.cut, Catalogue()
    left = {
        "terms": say("cut_terms", n=cut.terms, bits=figures(f"{cut.bits:+.2f}", paper.language))
        if cut.terms
        else "",
        "records": say("cut_records", n=cut.records) if cut.records else "",
        "subjects": say("cut_subjects", n=cut.subjects) if cut.subjects else "",
        "done": say("cut_done", n=cut.done) if cut.done else "",
        "hidden": say("hidden", n=paper.hidden) if paper.hidden else "",
    }
    return {
        "paper": msgspec.to_builtins(paper),
        "named": [
            [
                words.word("rule.", one.rule, paper.language),
                words.words("strength.", one.strength, paper.language),
            ]
            for one in paper.terms
        ],
        "colon": words.say("common.label", paper.language, label=""),
        "decimal": words.say("common.decimal", paper.language),
        "words": {name: say(name) for name in WORDS},
        "left": left,
        "title": say("title", subject=paper.title, id=paper.lead_id[:12]),
        "interval": say("interval", low=paper.low, high=paper.high),
        "confidence": say("confidence", word=paper.confidence, why=paper.confidence_why),
        "printed": say("printed", at=paper.at, by=paper.by, purpose=paper.purpose, authority=paper.authority),
        "known": say("known", at=paper.known, id=paper.lead_id, digest=paper.digest),
    }


WORDS: Final = (
    *("exercise", "not_a_finding", "sum", "rule", "strength", "bits", "bar", "why", "total", "speaks_for"),
    *("against", "would", "joins", "hubs", "subjects", "records", "record", "called", "source", "observed"),
    *("rated", "origins", "marking", "done", "none"),
)
"""Words of the template."""
