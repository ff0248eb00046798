"""An intelligence report as a page: banners, portion markings, the tear-line; Markdown or plain text."""

from typing import Final

from watchfloor.casework.reports.products import Part, Portion, Product
from watchfloor.cell.acts import minute
from watchfloor.core.marking import Marking, parse
from watchfloor.core.messages import Language

TEAR: Final = {"en": "TEAR-LINE", "fr": "LIGNE DE DÉTACHEMENT"}
_RECALLED: Final = {
    "en": "RECALLED by {by}, {at}",
    "fr": "RAPPELÉ par {by}, {at}",
}
_EDITION: Final = {"en": "Report {id}, edition {edition}", "fr": "Rapport {id}, édition {edition}"}


def page(
    product: Product,
    part: Part,
    language: Language = "en",
    *,
    plain: bool = False,
    caveats: frozenset[str] = frozenset(),
) -> str:
    """A report, or only what stands below its tear-line, between banners that say how it is marked.

    What is torn off carries neither the title nor the leads: both stand above the line. `caveats` are those
    that whoever receives it must heed, beside the marking's own.
    """
    text = product.text
    whole = part == "whole"
    banner = str(parse(text.marking if whole else text.below_marking) | Marking(caveats=caveats))
    head = _EDITION[language].format(id=product.id, edition=product.edition)
    title = f"{head}: {text.title}" if whole else head
    lines = [banner, "", title if plain else f"# {title}", *_recalled(product, part, language)]
    lines += [line for one in text.above if whole for line in ("", _line(one))]
    lines += ["", f"--- {TEAR[language]}: {text.below_marking} ---"] if whole and text.below else []
    lines += [line for one in text.below for line in ("", _line(one))]
    return "\n".join([*lines, "", banner, ""])


def _line(one: Portion) -> str:
    return f"({one.marking}) {one.text}"


def _recalled(product: Product, part: Part, language: Language) -> list[str]:
    """That it is recalled; the reason is the cell's own, and stays above the tear-line."""
    if product.state != "recalled":
        return []
    told = _RECALLED[language].format(by=product.by, at=minute(product.at))
    return ["", f"{told}: {product.why}" if part == "whole" else told]
