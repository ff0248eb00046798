"""Parts that commands of bundles share: choices, refusals, files that are written once."""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from watchfloor.cli.common import (
    REFUSED,
    fail,
    refuse,
)

if TYPE_CHECKING:
    from watchfloor.core.messages import Language
    from watchfloor.exchange.bundles.withholding import Withheld
    from watchfloor.policy.gateways import Gateway
    from watchfloor.store.floor import Floor
    from watchfloor.store.log import Actor


def gateways_of(opened: "Floor") -> "dict[str, Gateway]":
    """The gateways of a floor, with what its own `gateways.toml` adds and ends."""
    from watchfloor.policy.gateway_table import load

    return load(opened.root / "gateways.toml")


@contextmanager
def lawfully(
    lang: "Language",
    opened: "Floor | None" = None,
    actor: "Actor | None" = None,
    file: str = "",
    data: bytes = b"",
) -> Iterator[None]:
    """End with the sentence of a refusal; one of a file that came is logged, as somebody may ask."""
    from watchfloor.cell.acts import Refusal, render
    from watchfloor.exchange.bundles.receiving import log_refusal
    from watchfloor.policy import gateways

    try:
        yield
    except (Refusal, gateways.Refusal) as error:
        if opened is not None and actor is not None:
            log_refusal(opened, actor, file, data, error.reason)
        words = gateways.render if isinstance(error, gateways.Refusal) else render
        stays = reasons(getattr(error, "withheld", ()), lang)
        said = ": ".join([words(error.reason, lang), *(["; ".join(stays)] if stays else [])])
        refuse(said, error.reason.message)


def unused(path: Path | None, option: str) -> None:
    """End the command where a file that it is to write is there already, before anything is done."""
    if path is not None and os.path.lexists(path):
        fail(f"{path} is there already; name a new file with {option}", REFUSED)


def reasons(withheld: "Iterable[Withheld]", lang: "Language") -> dict[str, int]:
    """Rows that stay, by reason."""
    return {one.reason.render(lang): one.rows for one in withheld}
