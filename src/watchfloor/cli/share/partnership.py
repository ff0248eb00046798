"""`watchfloor share partnership`: rows of `actions.partnership`, of which those about packs are a group."""

from typing import Final

from watchfloor.cli import face

app: Final = face.group(
    "partnership",
    "share",
    "What banks of a partnership may learn from each other, tier by tier. No legal advice.",
    "partnership",
)
pack: Final = face.group(
    "partnership pack", "share", "Signed packs of typologies, without anything about a person.", "partnership"
)
app.add_typer(pack, name="pack")
