"""Rows of a table of payments or of accounts on their way to records."""

import pyarrow as pa

from watchfloor.core.kinds import Kind
from watchfloor.formats.payments.cells import Read, texts
from watchfloor.formats.tabular.lexicon import Block


class PaymentBlock(Block):
    """Rows of a table in which a cell may say in words that it says nothing: `nan`, `null`, `-`."""

    def coded(self, word: str) -> pa.DictionaryArray:
        """Return a column as numbered texts, null where nothing is said."""
        cells = self.cell(word)
        return texts(pa.nulls(self.size, pa.string()) if cells is None else cells)

    def text(self, word: str) -> pa.Array:
        """Return a column's texts, trimmed; null where nothing is said."""
        return self.coded(word).dictionary_decode() if word in self.found else Block.text(self, word)

    def usable(self, read: Read) -> pa.Array:
        """Return what was read of a column, and note why some rows have no value of it."""
        for why, rows in read.whys.items():
            self.refuse(why, rows)
        return read.values

    def unfilled(self, kind: Kind) -> dict[str, pa.Array]:
        """Return the columns of a kind without values."""
        made = {field.name: pa.nulls(self.size, field.type) for field in kind.body}
        return made | {"origins": pa.array([[]] * self.size, pa.list_(pa.string()))}
