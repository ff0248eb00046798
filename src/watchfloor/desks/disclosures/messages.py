"""What the desk says of a disclosure, where its maker's own sentence does not do."""

from watchfloor.records.messages import declare

ECHO = declare(
    "disclosures.echo",
    en="{node} repeats what this node reported itself; it adds nothing",
    fr="{node} répète ce que ce nœud a lui-même signalé; cela n’ajoute rien",
)
"""A disclosure all of whose origins lead back here: what an earlier edition of it said is taken back."""
