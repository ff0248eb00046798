"""IBANs by the column (ISO 13616): the rule of `records.subjects`, as a kernel for what is plainly written.

Which characters stand where, country by country, is asked of python-stdnum, which has it from SWIFT's
registry. Countries whose numbers it checks further (Belgium, Spain, Norway, Montenegro), and what is
written in another way or is wrong, are left to `records.subjects`, so that one rule decides.
"""

from functools import cache
from importlib.util import find_spec
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from stdnum import numdb

from watchfloor.formats.iso20022.columns import buffers
from watchfloor.records.kernels import kernel
from watchfloor.records.subjects import SubjectError, parts, subject

LONGEST: Final = 34
_DIGIT, _CAPITAL = 1, 2
_KINDS: Final = {"n": _DIGIT, "a": _CAPITAL, "c": _DIGIT | _CAPITAL}


@cache
def _forms() -> npt.NDArray[np.uint8]:
    """What may stand at each place behind the check digits, by country; 0 where nothing may."""
    forms = np.zeros((26 * 26, LONGEST), np.uint8)
    registry = numdb.get("iban")
    for country in range(26 * 26):
        code = chr(65 + country // 26) + chr(65 + country % 26)
        form = registry.info(code)[0][1].get("bban", "")
        if form and find_spec(f"stdnum.{code.lower()}") and find_spec(f"stdnum.{code.lower()}.iban"):
            continue
        at = 4
        for piece in (
            form.replace("!", " ").replace("n", "n|").replace("a", "a|").replace("c", "c|").split("|")
        ):
            if piece:
                length, kind = piece.split()
                forms[country, at : at + int(length)] = _KINDS[kind]
                at += int(length)
    return forms


def ibans(texts: pa.Array) -> tuple[pa.Array, dict[int, str]]:
    """IBANs without spaces, null where there is none; and what is wrong with others, by row."""
    if texts.null_count == len(texts):
        return texts, {}
    plain = _plain(*buffers(texts), _forms())
    doubtful = np.flatnonzero(~plain & pc.is_valid(texts).to_numpy(zero_copy_only=False))
    if not len(doubtful):
        return texts, {}
    values, wrong = texts.to_pylist(), {}
    for row in doubtful.tolist():
        try:
            values[row] = parts(subject("account", "iban", values[row]))[2]
        except SubjectError as error:
            values[row], wrong[row] = None, str(error)
    return pa.array(values, pa.string()), wrong


@kernel
def _plain(ends: Any, data: Any, forms: Any) -> Any:
    """Which are valid as they stand: capitals and digits in their places, and 1 modulo 97 (ISO 7064)."""
    good = np.zeros(len(ends) - 1, np.bool_)
    for row in range(len(good)):
        start, size = ends[row], ends[row + 1] - ends[row]
        if size < 5 or size > LONGEST:
            continue
        first, second = int(data[start]) - 65, int(data[start + 1]) - 65
        if first < 0 or first > 25 or second < 0 or second > 25:
            continue
        form = forms[first * 26 + second]
        if form[size - 1] == 0 or (size < LONGEST and form[size] != 0):
            continue
        rest, fits = 0, True
        for i in range(4, size + 4):
            place = i if i < size else i - size
            byte = int(data[start + place])
            if 48 <= byte <= 57:
                rest = (rest * 10 + byte - 48) % 97
                fits &= place not in (0, 1) and (place < 4 or form[place] & _DIGIT != 0)
            elif 65 <= byte <= 90:
                rest = (rest * 100 + byte - 55) % 97
                fits &= place not in (2, 3) and (place < 4 or form[place] & _CAPITAL != 0)
            else:
                fits = False
                break
        good[row] = fits and rest == 1
    return good
