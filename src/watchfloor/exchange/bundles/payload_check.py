"""Goods: whether what a bundle holds may come through its gateway as this node's own table has it.

The sender's table decides what leaves there, this node's what is taken in here: a form, a kind or a column
that the row here does not name is not this node's to hold, whoever has signed it.
"""

from collections.abc import Mapping
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.cell.acts import refuse
from watchfloor.core.kinds import DISCLOSURE
from watchfloor.core.messages import declare
from watchfloor.exchange.bundles.bundle import OpenedBundle
from watchfloor.exchange.bundles.offers import (
    EVIDENCE_FORM,
    POINTER_FORM,
    SIGNAL_FORM,
    by_form,
    forms_of,
    pointing,
)
from watchfloor.exchange.bundles.withholding import barred
from watchfloor.policy.gateways import CARRIED, Gateway

FORM: Final = declare("exchange.form-outside", "bundle", "kind", "form", "gateway", "sender")
COLUMN: Final = declare("exchange.column-outside", "bundle", "kind", "form", "column", "gateway", "sender")
COUNTED: Final = declare("exchange.forms-differ", "bundle", "said", "found", "sender")

_FORMS: Final = {DISCLOSURE.name: (SIGNAL_FORM, POINTER_FORM)}
"""Forms of the rows of a kind; of every other kind, evidence."""

_POINTS: Final = CARRIED | {"subjects"}
"""Columns in which a pointer says something of its own."""


def check(opened: OpenedBundle, gateway: Gateway) -> None:
    """Refuse a bundle with a form, a kind or a column that says something and that the gateway does not name.

    A pointer says that something is held about a subject; one that says more is no pointer.

    Raises:
        watchfloor.cell.acts.Refusal: with the first that is outside.
    """
    manifest = opened.manifest
    about = {"bundle": manifest.bundle, "sender": manifest.sender.name}
    for kind, rows in opened.parts.items():
        for form, those in by_form(kind, rows).items():
            at = {"kind": kind, "form": form, "gateway": gateway.id}
            if form not in _FORMS.get(kind, (EVIDENCE_FORM,)) or barred(kind, form, gateway):
                refuse(FORM, **at, **about)
            if column := _outside(those, kind, form, gateway, manifest.sender.name):
                refuse(COLUMN, column=column, **at, **about)
    found = forms_of(opened.parts)
    if found != manifest.forms:
        refuse(COUNTED, said=_told(manifest.forms), found=_told(found), **about)


def _outside(rows: pa.Table, kind: str, form: str, gateway: Gateway, sender: str) -> str | None:
    """The first column that says something and may not, of rows of one form."""
    pointer = form == POINTER_FORM
    let, plain = (_POINTS, pointing(sender)) if pointer else (gateway.columns(kind), {})
    return next((name for name in rows.column_names if name not in let and _says(rows, name, plain)), None)


def _says(rows: pa.Table, name: str, plain: Mapping[str, str]) -> bool:
    """Whether a column holds anything but what it says where it says nothing."""
    values = rows[name].drop_null()
    if name in plain:
        values = values.filter(pc.not_equal(values, plain[name]))
    return len(values) > 0


def _told(forms: Mapping[str, int]) -> str:
    return ", ".join(f"{rows} {form}" for form, rows in sorted(forms.items()))
