"""The field tables of BSI Flex 335 v2.0, as they are read and written here."""

from importlib.resources import files
from typing import Final

from watchfloor.formats.sensors.protobuf import tables
from watchfloor.formats.sensors.protobuf.emit import Words
from watchfloor.formats.sensors.protobuf.layout import layout

SCHEMA: Final = tables.read(files(__package__).joinpath("fields.txt").read_text("utf-8"))
"""Messages and enums."""

LAYOUT: Final = layout(SCHEMA)
"""The same as arrays."""

WORDS: Final = Words(LAYOUT)
"""Keys and names for JSON."""

VERSION: Final = "BSI Flex 335 v2.0"
"""What a node of this version says in its registration."""

MAX_BYTES: Final = 1 << 20
"""The longest message that is read. Real ones have some hundred bytes, registrations some ten thousand."""
