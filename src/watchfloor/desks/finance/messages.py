"""What the desk says of an account, in English and in French."""

from collections.abc import Mapping
from typing import Final

from watchfloor.desks.finance.typology import catalogue
from watchfloor.records.messages import Message, declare

ADDS_UP = declare(
    "finance.adds-up",
    en="{count} cash deposits, each below $10,000, came into the account {account} between {since} and"
    " {until}, ${total} together: $10,000 or more within 24 hours counts as one transaction"
    " (SOR/2002-184, s. 126).",
    fr="{count} dépôts en espèces, chacun inférieur à 10 000 $, ont été versés au compte {account} entre"
    " {since} et {until}, {total} $ au total : 10 000 $ ou plus en 24 heures comptent pour une seule"
    " opération (DORS/2002-184, art. 126).",
)
"""Deposits that are one in the eyes of the regulations."""

PUT_RIGHT = declare(
    "finance.put-right",
    en="A payment that it rested on was put right on {day}, and the deposits no longer add up.",
    fr="Un paiement sur lequel il reposait a été rectifié le {day}, et les dépôts n’atteignent plus le"
    " seuil.",
)
"""A signal that is taken back because a payment was written otherwise."""

NO_LONGER = declare(
    "finance.no-longer",
    en="A payment that it rested on was put right on {day}, and the indicator no longer holds.",
    fr="Un paiement sur lequel il reposait a été rectifié le {day}, et l’indicateur n’est plus vérifié.",
)
"""The same, of an indicator."""

ENTERED = declare(
    "finance.entered",
    en="A declaration to customs of {day} names the holder of the account {account}.",
    fr="Une déclaration en douane du {day} nomme le titulaire du compte {account}.",
)
"""A signal of an import that is taken back because a customs entry came."""

SENTENCES: Final[Mapping[str, Message]] = {
    one.id: declare(f"finance.{one.id}", en=one.sentence["en"], fr=one.sentence["fr"]) for one in catalogue()
}
"""What each indicator says, by its id."""

SOME: Final[Mapping[str, Message]] = {
    one.id: declare(
        f"finance.{one.id}.some",
        en=f"{one.sentence['en']} Of the {{payments}} payments that prove it the newest {{named}} are named.",
        fr=f"{one.sentence['fr']} Des {{payments}} paiements qui le prouvent, les {{named}} plus récents sont"
        " nommés.",
    )
    for one in catalogue()
}
"""The same, where there are more payments than a signal names."""
