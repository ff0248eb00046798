"""What the desk says of an account, in English and in French."""

from watchfloor.records.messages import declare

ADDS_UP = declare(
    "finance.adds-up",
    en="{count} cash deposits, each below {threshold} CAD, came into {account} between {since} and {until},"
    " together {total} CAD: from {threshold} CAD within 24 hours the rules take them as one"
    " (SOR/2002-184, s. 126).",
    fr="{count} dépôts en espèces, chacun inférieur à {threshold} CAD, ont été versés sur {account} entre"
    " {since} et {until}, au total {total} CAD : à partir de {threshold} CAD en 24 heures, la règle les tient"
    " pour un seul (DORS/2002-184, art. 126).",
)
"""Deposits that are one in the eyes of the regulations."""

PUT_RIGHT = declare(
    "finance.put-right",
    en="A payment that it rested on was put right on {day}, and the deposits no longer add up.",
    fr="Un paiement sur lequel il reposait a été rectifié le {day}, et les dépôts n’atteignent plus le"
    " seuil.",
)
"""A signal that is taken back because a payment was written otherwise."""
