"""Messages of the desk on a disclosure, where its maker's own sentence does not do."""

from watchfloor.core.messages import declare

ECHO = declare("disclosures.echo", "node")
"""A disclosure all of whose origins lead back here: what an earlier edition of it said is taken back."""

UNTOLD = declare("disclosures.untold", "node", "rule", "strength", "message")
"""In place of a sentence that another version of the program wrote; its own parameters are kept with it."""

RECALLED = declare("disclosures.recalled", "node", "day", "bundle", "why")
"""A disclosure that its sender took back."""
