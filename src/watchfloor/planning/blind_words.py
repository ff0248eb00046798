"""What the share of a stream without advance data means, as sentences."""

from typing import Final

from watchfloor.records.messages import declare

SAID: Final = {
    "seen": declare(
        "planning.blind.seen",
        en="Of {counted} items, {high} % came without advance data.",
        fr="Sur {counted} articles, {high} % sont arrivés sans données préalables.",
    ),
    "between": declare(
        "planning.blind.between",
        en="Of {counted} items, {low} to {high} % came without advance data: some declarations name no "
        "office.",
        fr="Sur {counted} articles, de {low} à {high} % sont arrivés sans données préalables : des "
        "déclarations ne nomment aucun bureau.",
    ),
    "blind": declare(
        "planning.blind.blind",
        en="All {counted} items came without advance data: nothing is known of this stream but its count.",
        fr="Les {counted} articles sont tous arrivés sans données préalables : de ce flux, on ne connaît que "
        "le nombre.",
    ),
    "not-known": declare(
        "planning.blind.not-known",
        en="{declared} items were declared and nobody counted: how many came without data is not known.",
        fr="{declared} articles ont été déclarés et personne n’a compté : on ne sait pas combien sont "
        "arrivés sans données.",
    ),
    "more-declared": declare(
        "planning.blind.more-declared",
        en="{declared} items were declared, more than the {counted} counted: one of the two is wrong.",
        fr="{declared} articles ont été déclarés, plus que les {counted} comptés : l’un des deux est faux.",
    ),
    "nothing": declare(
        "planning.blind.nothing",
        en="Nothing came, and nothing was declared.",
        fr="Rien n’est arrivé, et rien n’a été déclaré.",
    ),
}
"""By the state of the stream."""
