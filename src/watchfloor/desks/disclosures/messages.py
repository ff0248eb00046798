"""What the desk says of a disclosure, where its maker's own sentence does not do."""

from watchfloor.records.messages import declare

ECHO = declare(
    "disclosures.echo",
    en="{node} repeats what this node reported itself; it adds nothing",
    fr="{node} répète ce que ce nœud a lui-même signalé; cela n’ajoute rien",
)
"""A disclosure all of whose origins lead back here: what an earlier edition of it said is taken back."""

UNTOLD = declare(
    "disclosures.untold",
    en="{node} says so under its rule {rule}, {strength}; its sentence ({message}) is not known to this "
    "version",
    fr="{node} le dit selon sa règle {rule}, {strength}; sa phrase ({message}) n’est pas connue de cette "
    "version",
)
"""In place of a sentence that another version of the program wrote; its own parameters are kept with it."""

RECALLED = declare(
    "disclosures.recalled",
    en="{node} recalled it on {day} (bundle {bundle}): {why}",
    fr="{node} l’a rappelé le {day} (envoi {bundle}) : {why}",
)
"""A disclosure that its sender took back."""
