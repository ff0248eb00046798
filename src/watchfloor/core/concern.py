"""The list of exporters of concern: what tells its items from those of an official list."""

from typing import Final

LIST: Final = "EXPORTERS-OF-CONCERN"
"""`list_id` of assertions. Each states in `ceased`, in advance, the first day on which it no longer stands;
the items of other lists state there that they have left."""
