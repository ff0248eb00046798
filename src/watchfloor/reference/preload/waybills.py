"""Declarations as the checks see them: texts once each, and what sort of waybill a row is."""

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from watchfloor.formats.cargo.waybills.facts import CONSOLIDATION
from watchfloor.reference.preload import vague_words
from watchfloor.reference.preload.rules import FIELDS

Mask = NDArray[np.bool_]

AWB: Final = r"^\d{3}-\d{8}$"
LIKE_AWB: Final = r"^\s*\d{3}[\s-]?\d{4}[\s-]?\d{4}\s*$"
"""What a person means by a number of an air waybill, however it is written."""

MARKS: Final = (CONSOLIDATION,)
"""Codes by which a feed says that a master is one of a consolidation, in lower case."""

SCOPE: Final = {"mode": ("air-cargo", "courier"), "direction": ("inbound", "in-transit")}
"""What the rules are about (guide 1.2), and what says nothing. Mail, exports and other ways are not in it."""


class Text:
    """A column of text: its distinct values, and for each row which of them it has.

    Attributes:
        values: string[m], each once, trimmed; null and blank are "".
        index: int32[n].
    """

    def __init__(self, column: pa.ChunkedArray) -> None:
        whole = pc.dictionary_encode(pc.fill_null(column, "").combine_chunks())
        trimmed = pc.dictionary_encode(pc.utf8_trim_whitespace(whole.dictionary.cast(pa.string())))
        self.values: pa.Array = trimmed.dictionary
        self.index: NDArray[np.int32] = trimmed.indices.to_numpy()[whole.indices.to_numpy()]

    def rows(self, distinct: pa.Array | Mask) -> Mask:
        """For each row, what is true of its value."""
        flags = distinct if isinstance(distinct, np.ndarray) else distinct.to_numpy(zero_copy_only=False)
        return np.asarray(flags, bool)[self.index]

    def match(self, pattern: str) -> Mask:
        """Rows whose value a pattern is found in."""
        return self.rows(pc.match_substring_regex(self.values, pattern))

    def match_normal(self, pattern: str) -> Mask:
        """Rows whose normal value a pattern is found in."""
        return self.rows(pc.match_substring_regex(self.normal, pattern))

    @cached_property
    def normal(self) -> pa.Array:
        """string[m], the values as `words.normal` has them."""
        return vague_words.normals(self.values)

    @cached_property
    def blank(self) -> Mask:
        """Rows without a text."""
        return self.rows(pc.equal(self.values, ""))

    @cached_property
    def lettered(self) -> Mask:
        """Distinct values with a letter of any script, bool[m]."""
        return np.asarray(
            pc.match_substring_regex(self.values, r"\p{L}").to_numpy(zero_copy_only=False), bool
        )


@dataclass(frozen=True)
class Waybills:
    """n rows of declarations, each a waybill or a line of goods of one.

    Attributes:
        rows: of the kind `declaration`.
    """

    rows: pa.Table

    @cached_property
    def text(self) -> dict[str, Text]:
        """The five fields of words, and the numbers of the documents."""
        return {name: Text(self.rows[name]) for name in (*FIELDS, "document", "master")}

    @cached_property
    def house(self) -> Mask:
        """Rows that say which master they are part of."""
        return ~self.text["master"].blank

    @cached_property
    def own(self) -> Mask:
        """Rows whose document is an air waybill itself: a master, or one without house waybills."""
        document = self.text["document"]
        named = pc.fill_null(pc.starts_with(self.rows["subject"], "parcel:awb:"), False).to_numpy()
        return np.asarray(~self.house & ~document.blank & (document.match(LIKE_AWB) | named), bool)

    @cached_property
    def marked(self) -> Mask:
        """Rows that their feed marks as the master of a consolidation."""
        codes = self.rows["codes"].combine_chunks()
        flags = np.zeros(self.rows.num_rows, bool)
        if codes.null_count < len(codes):
            hit = pc.is_in(pc.utf8_lower(codes.flatten()), pa.array(MARKS))
            flags[pc.list_parent_indices(codes).to_numpy()[hit.to_numpy(zero_copy_only=False)]] = True
        return flags

    @cached_property
    def described(self) -> Mask:
        """Rows whose goods are only said to be a consolidation."""
        return self.text["goods"].match_normal(vague_words.alone("consolidation"))

    @cached_property
    def numbers(self) -> dict[str, NDArray[np.int64]]:
        """Return the codes of the numbers of documents, masters and goods: equal ones are one number.

        Hyphens, spaces and case do not count: `014-12345675` is `01412345675`. No number has the code -1.
        """
        names = ("document", "master", "goods")
        texts = [self.text[name] for name in names]
        plain = pa.concat_arrays(
            [pc.utf8_upper(pc.replace_substring_regex(text.values, r"[\s-]", "")) for text in texts]
        )
        coded = pc.dictionary_encode(plain)
        codes = coded.indices.to_numpy().astype(np.int64)
        codes[pc.equal(plain, "").to_numpy(zero_copy_only=False)] = -1
        ends = np.cumsum([0, *(len(text.values) for text in texts)])
        return {
            name: codes[start:end][text.index]
            for name, text, start, end in zip(names, texts, ends[:-1], ends[1:], strict=True)
        }

    def floats(self, name: str) -> NDArray[np.float64]:
        """A column of numbers; NaN where there is none."""
        return np.asarray(pc.cast(self.rows[name], pa.float64()).to_numpy(), np.float64)


def standing(rows: pa.Table) -> Mask:
    """Rows that no later message of the same document has replaced (guide 2.2.5.5: the last one counts)."""
    last = rows.group_by("report_key").aggregate([("observed_at", "max")])
    at = pc.index_in(rows["report_key"].combine_chunks(), last["report_key"].combine_chunks())
    newest = pc.equal(rows["observed_at"].combine_chunks(), last["observed_at_max"].combine_chunks().take(at))
    return np.asarray(pc.or_(pc.is_null(rows["report_key"].combine_chunks()), newest).to_numpy(False), bool)


def in_scope(rows: pa.Table) -> Mask:
    """Rows that the guidance is about: cargo that flies into Canada or through it.

    A line of a flight manifest repeats a waybill and is none.
    """
    aboard = pc.starts_with(rows["subject"], "parcel:manifest:")
    inside = pc.invert(aboard)
    for name, known in SCOPE.items():
        inside = pc.and_(inside, pc.or_(pc.is_null(rows[name]), pc.is_in(rows[name], pa.array(known))))
    return np.asarray(inside.to_numpy(), bool)
