"""The two-minute part of the weekly page as plain text, for a terminal or a mail."""

import textwrap
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from typing import Final

from watchfloor.core.messages import Language
from watchfloor.scorecard.findings import Scorecard
from watchfloor.scorecard.page import values
from watchfloor.scorecard.page.front import ClaimView, LateView, PendingView
from watchfloor.scorecard.page.page_words import headed, word
from watchfloor.scorecard.page.view import View, view

WIDTH: Final = 96


def text(card: Scorecard, languages: Sequence[Language] = ("en",), width: int = WIDTH) -> str:
    """Each claim with its verdict and what it rests on, what is late, what changed, in lines of a width."""
    pages = ("\n".join(_lines(view(card, language), width)) for language in languages)
    return "\n\n\n".join(pages) + "\n"


def _lines(one: View, width: int) -> Iterator[str]:
    say = partial(word, language=one.language)
    yield one.running
    yield ""
    yield f"{one.title}. {one.week}"
    for notice in one.notices:
        yield from _wrapped(notice, width)
    if one.empty:
        yield from _wrapped(one.empty, width)
    if one.front.claims:
        yield from _section(say("front.claims"))
        for claim in one.front.claims:
            yield from _claim(claim, one.language, width)
    if one.front.unanswered:
        yield from _section(say("front.unanswered"))
        told = [
            headed(f"{title}, {verdict.lower()}", why, one.language)
            for _, title, verdict, why in one.front.unanswered
        ]
        yield from _items(told, width)
    yield from _section(say("front.late"))
    yield from _wrapped(one.front.states, width)
    yield from _items([_late(each, one.language) for each in one.front.late] or [one.front.no_late], width)
    yield from _wrapped(one.front.more_late, width)
    yield from _pending(one, width)
    yield from _section(say("front.changed"))
    yield from _items(one.front.changed or [one.front.no_change], width)
    yield from _wrapped(one.front.more_changed, width)
    yield ""
    yield from _wrapped(one.foot, width)
    yield headed(say("page.digest"), one.digest, one.language)
    yield one.running


def _pending(one: View, width: int) -> Iterator[str]:
    """Commitments that are said to be there: of which nothing is shown in one item, the others each."""
    say, front = partial(word, language=one.language), one.front
    if front.pending:
        yield from _wrapped(say("front.pending_caption") + ".", width)
    unproven = say("front.unproven")
    bare = [each for each in front.pending if each.delivered == each.in_service == unproven]
    if bare:
        named = "; ".join(f"{each.promised.rstrip('.')} ({each.id})" for each in bare)
        yield from _items([headed(values.capital(unproven), named, one.language)], width)
    yield from _items((_shown(each, one.language) for each in front.pending if each not in bare), width)
    yield from _wrapped(front.more_pending, width)


def _shown(one: PendingView, language: Language) -> str:
    """A commitment, and what is shown of it."""
    found = ", ".join(
        headed(word(f"front.{name}", language).lower(), getattr(one, name), language)
        for name in ("delivered", "in_service")
    )
    return headed(f"{one.promised.rstrip('.')} ({one.id})", found, language)


def _claim(one: ClaimView, language: Language, width: int) -> Iterator[str]:
    yield from _items([headed(one.title, one.words, language)], width)
    told = [
        (word("front.verdict", language), one.verdict),
        (word("front.rests", language), "; ".join(filter(None, (one.rests, one.span)))),
        (word("front.sure", language), one.sure),
        (word("register.agreement", language), one.agreement),
    ]
    for head, said in told:
        if said:
            yield from _wrapped(headed(head, said, language), width, "    ")


def _late(one: LateView, language: Language) -> str:
    parts = [
        f"{one.id} {one.says}",
        *(
            headed(word(f"front.{name}", language), getattr(one, name), language)
            for name in ("promised", "delivered", "due", "department")
        ),
    ]
    return " · ".join(parts)


def _section(head: str) -> Iterator[str]:
    yield from ("", head, "-" * len(head))


def _items(many: Iterable[str], width: int) -> Iterator[str]:
    for one in many:
        yield from textwrap.wrap(
            one, width, initial_indent="- ", subsequent_indent="  ", break_on_hyphens=False
        )


def _wrapped(said: str, width: int, indent: str = "") -> Iterator[str]:
    yield from textwrap.wrap(
        said, width, initial_indent=indent, subsequent_indent=indent, break_on_hyphens=False
    )
