"""Answers that hold a consignment and that nobody has lifted yet."""

from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.reference.preload.rules import answers


class Open(NamedTuple):
    """Answers that stand: the last of its sort for a consignment, as a row of `response`.

    Attributes:
        rows: rows of the kind `response`, the oldest first.
        lifted: how many others were lifted since.
    """

    rows: pa.Table
    lifted: int


def unlifted(responses: pa.Table) -> Open:
    """Of referrals, holds and notices, those that no later answer of the same consignment lifts.

    Which answer lifts which stands in the table of rules: a receipt lifts nothing but a rejection, and the
    removal of a request for information (7I) lifts no notice not to load. Of two answers at one moment,
    the later row counts as the later.

    Args:
        responses: rows of the kind `response`.
    """
    order = pc.sort_indices(
        responses.append_column("at", pa.array(np.arange(responses.num_rows))),
        [("observed_at", "ascending"), ("at", "ascending")],
    )
    rows = responses.take(order).combine_chunks()
    subject = pc.dictionary_encode(rows["subject"]).combine_chunks().indices.to_numpy()
    many = int(subject.max(initial=-1)) + 1
    kept, lifted = [], 0
    for word, answer in answers().items():
        raised = _last(_are(rows["answer"], (word,)), subject, many)
        freeing = _are(rows["answer"], answer.lifted)
        if answer.lifted_codes:
            uncoded = pc.is_null(rows["code"]).to_numpy()
            freeing &= uncoded | _are(rows["code"], answer.lifted_codes)
        ended = _last(freeing, subject, many)
        open_ = (raised >= 0) & (ended < raised)
        kept.append(raised[open_])
        lifted += int(((raised >= 0) & ~open_).sum())
    return Open(rows.take(pa.array(np.sort(np.concatenate(kept)))), lifted)


def _are(column: pa.ChunkedArray, words: tuple[str, ...]) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    found = pc.fill_null(pc.is_in(column, pa.array(words, pa.string())), False)
    return np.array(found.to_numpy(), bool)


def _last(
    flags: np.ndarray[tuple[int], np.dtype[np.bool_]],
    subject: np.ndarray[tuple[int], np.dtype[np.int32]],
    many: int,
) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """The last flagged row of each subject; -1 where there is none."""
    last = np.full(many, -1, np.int64)
    at = np.flatnonzero(flags)
    np.maximum.at(last, subject[at], at)
    return last
