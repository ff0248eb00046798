"""Reading of one line of a declaration: the law on its day, words in their place, its HS line.

A line is judged by the law of the day on which it was declared. Only what it says is looked at: the goods and
the code, never who declares, from where, or for whom.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.desks.state import Row
from watchfloor.reference.goods import Goods, Window
from watchfloor.reference.law.matching import STRENGTHS, Matcher, TextMatch

EUPHEMISM: Final = "euphemism-goods"
LINE: Final = "precursor-hs"

LICENCE: Final = re.compile(
    r"licen[cs]|permit\b|permis\b|permiso|authori[sz]|autoris|autoriza|exempt|лицензи|许可|許可|备案",
    re.IGNORECASE,
)
"""Words for a licence, permit, registration or exemption."""


class Mention(NamedTuple):
    """One thing that a line says.

    Attributes:
        rule: under which rule.
        thing: id of the thing; of an HS line its six digits.
        strength: how sure, in the rule's words.
        how: how it is named, one of the matcher's strengths.
        text: as written; of a line its code.
        window: the law on the day; None for words and lines.
        licence: whether a licence is spoken of.
    """

    rule: str
    thing: str
    strength: str
    how: str
    text: str
    window: Window | None
    licence: bool


@dataclass(frozen=True, slots=True)
class Reader:
    """The reference, compiled: `Reader.from_goods(load(refs["goods"]))`."""

    goods: Goods
    matcher: Matcher

    @classmethod
    def from_goods(cls, goods: Goods) -> "Reader":
        """From the reference."""
        return cls(goods, goods.matcher())

    def may(self, rows: pa.Table) -> npt.NDArray[np.bool_]:
        """[n] which lines may say something: quick, over whole columns; never wrong with no."""
        codes = pa.array(sorted(self.goods.lines), pa.string())
        digits = pc.replace_substring_regex(rows["hs"], r"\D", "")
        lines = pc.fill_null(pc.is_in(pc.utf8_slice_codeunits(digits, 0, 6), value_set=codes), False)
        here = np.asarray(lines.to_numpy(zero_copy_only=False), np.bool_)
        return np.asarray(here | self.matcher.may(rows["goods"]), np.bool_)

    def read(self, row: Row) -> list[Mention]:
        """Everything one line says, each thing once under its best strength."""
        day = row["observed_at"].date()
        licence = LICENCE.search(row["goods"]) is not None
        found = self.matcher.find(row["goods"])
        best: dict[tuple[str, str], Mention] = {}
        for said in self._things(found, day, licence):
            held = best.get((said.rule, said.thing))
            if held is None or worth(said) < worth(held):
                best[said.rule, said.thing] = said
        line = self._line(row["hs"], day)
        words = [one for one in found if one.strength == "euphemism"]
        if words:
            best[EUPHEMISM, ""] = self._euphemism(words[0], line)
        elif line and not any(rule == "precursor-goods" for rule, _ in best):
            best[LINE, line] = self._in_line(line)
        return list(best.values())

    def _things(self, found: list[TextMatch], day: date, licence: bool) -> Iterator[Mention]:
        for one in found:
            thing = self.goods.things.get(one.what)
            windows = [window for window in thing.windows if window.on(day)] if thing else []
            if windows:
                window = min(windows, key=lambda window: window.near)
                yield Mention(
                    *(window.rule, one.what, _strength(one, window, licence), one.strength, one.text),
                    window,
                    licence,
                )

    def _line(self, hs: str | None, day: date) -> str | None:
        """The six digits of a line where a precursor sits that the law named on the day."""
        code = re.sub(r"\D", "", hs or "")[:6]
        return code if self.sitting(code, day) else None

    def sitting(self, code: str, day: date) -> list[str]:
        """The precursors of a line that the law named on a day."""
        line = self.goods.lines.get(code)
        windows = {id_: self.goods.things[id_].windows for id_ in line.things} if line else {}
        return [id_ for id_, mine in windows.items() if any(one.on(day) and not one.near for one in mine)]

    def _euphemism(self, word: TextMatch, line: str | None) -> Mention:
        residual = line is not None and not self.goods.lines[line].named
        strength = "words" if line is None else "words, residual line" if residual else "words, named line"
        return Mention(EUPHEMISM, line or "", strength, "euphemism", word.text, None, False)

    def _in_line(self, line: str) -> Mention:
        strength = "named line" if self.goods.lines[line].named else "residual line"
        return Mention(LINE, line, strength, "hs", line, None, False)


def _strength(found: TextMatch, window: Window, licence: bool) -> str:
    if licence:
        return "licence stated"
    return "near" if window.near and found.strength in ("name", "synonym", "cas") else found.strength


def worth(said: Mention) -> tuple[bool, int]:
    """For ordering what is said of one thing: an item that names it first, then the surest naming."""
    return said.window is not None and said.window.near, STRENGTHS.index(said.how)
