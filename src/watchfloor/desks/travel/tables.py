"""Tables of applications as filings: what each column is taken for, and which are left out.

Others' columns are called as they call them: their names are compared with the words of the mapper for
applications, letters, documents and fees (`formats/tabular/columns.toml`), in English and French. Columns of
nationality, birthplace, language, sex and religion, and what stands for them, are left out, and that is said.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np

from watchfloor.core.protected import IDENTITY_ONLY, is_protected
from watchfloor.desks.travel.filings import CHECKS, UNCONFIRMED, Filing
from watchfloor.formats.base import Fault, FormatError
from watchfloor.formats.documents import wording
from watchfloor.formats.tabular.column_names import NEAR, likeness, words
from watchfloor.formats.tabular.lexicon import plain
from watchfloor.formats.tabular.mapping import Mapping as Columns
from watchfloor.formats.tabular.mapping import open_sheet
from watchfloor.formats.tabular.quantities import spaced

KINDS: Final = ("application", "letter", "travel-document", "application-fee")
"""Kinds whose words are compared, the first where a name fits two."""
SEVERAL: Final = frozenset({"applicant", "telephones", "emails", "addresses", "officer_note"})
"""Fields that several columns may fill."""
PASSED_OVER: Final = frozenset({"report_key", "origins", "observed_at", "currency"})
"""Fields that no filing has."""

NOT_USED: Final = frozenset(
    """sex gender sexe genre language languages langue langues birthplace lieu_naissance country pays
    citizenship citizenships citoyennete origin origine region province_of_origin passport_country
    marital_status date_of_birth birth_date dob issuing_country country_of_issue accent religion nation nat
    coc cob birth_city city_of_birth ville_de_naissance ville_naissance issuing_state passport_issuer
    document_issuer issuing_authority etat_emetteur autorite_emettrice etat_de_delivrance dial_code
    dialling_code dialing_code calling_code phone_code indicatif embassy ambassade consulate consulat tongue
    script""".split()
)
"""Further columns that are left out, beside those that are protected everywhere."""

STATE: Final = frozenset({"issued by", "issuer", "emetteur", "emis par", "delivre par"})
"""Columns of who issued a paper, which may be a letter or a passport."""
THIRD: Final = re.compile(
    r"\b(college|school|universit|institution|bank|employer|company|mission|office|centre|issuer"
    r"|etablissement|ecole|banque|employeur|entreprise|bureau)"
)
"""Whose telephone or address says nothing of who applies: very many share it, and it makes no household."""
SERVES: Final = re.compile(
    r"\b(consultant|representative|agent|agency|advis[eo]r|lawyer|payer"
    r"|conseiller|representant|avocat|agence|payeur)"
)
"""Whose address is not where an applicant lives."""
PART: Final = re.compile(r"\b(first|given|forename|middle|last|family|surname|prenom|famille|patronyme)")
"""Columns that hold a part of a name, if not one of somebody else: parts are read together."""
KIN: Final = re.compile(r"\b(mother|father|parent|spouse|guardian|child|mere|pere|conjoint|tuteur|enfant)")
"""Somebody else whose name a table may have."""
KEY: Final = re.compile(r"\b(id|uci|iuc|key|number|no|numero|identifiant|cle)\b")
"""Columns that hold a key of who applies, which goes before a name: two people may be called the same."""

NOTHING: Final = frozenset(
    "none,null,nan,na,n/a,nil,-,--,?,unknown,self,himself,herself,themselves,self-represented,"
    "self represented,not stated,not provided,no representative,aucun,aucune,inconnu,inconnue,lui-même,"
    "elle-même,soi-même,s/o,"
    "sans objet,sans représentant".split(",")
)
"""Cells that hold no value."""
TIE_OF: Final[Mapping[str, str]] = {
    "representative": "representative",
    "telephones": "telephone",
    "emails": "email",
    "addresses": "address",
    "payer": "payer",
    "instrument": "payer",
    "device": "device",
    "bank": "bank",
    "employer": "employer",
    "institution": "institution",
    "issuer": "institution",
    "reference": "letter",
    "template": "template",
    "wording": "wording",
    "text": "wording",
    "number": "document",
    "photo_zone": "photo_zone",
}
"""The tie that each field makes; `number` and `template` are those of the kind that they stand in."""


class ColumnUse(NamedTuple):
    """The use of a column: kind and field; the field is empty where it is left out or not known."""

    column: str
    kind: str
    field: str


@dataclass(slots=True)
class Applications:
    """Applications of some tables.

    Attributes:
        filings: one for each application, in the order of the tables.
        taken: what each column was taken for, the first table's first.
        left_out: columns that are not looked at, as policy wants.
        unused: columns of which nothing is known.
        notes: officers' notes by application, whole.
        refused: rows that could not be read, with the reason.
    """

    filings: list[Filing] = field(default_factory=list)
    taken: list[ColumnUse] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    unused: list[str] = field(default_factory=list)
    notes: dict[str, list[str]] = field(default_factory=dict)
    refused: list[Fault] = field(default_factory=list)


def left_out(name: str) -> bool:
    """Return whether a column is one that may not be looked at, by its name."""
    token = "_".join(plain(name).split())
    return is_protected(name) or any(f"_{one}_" in f"_{token}_" for one in (*NOT_USED, *IDENTITY_ONLY))


def taken(names: Sequence[str]) -> list[ColumnUse]:
    """Return what each column of a table is taken for, the likeliest first; each field is filled once.

    An exact name wins over one that holds a field's word; of equals the kind and word that stand first.
    """
    pairs = []
    for at, name in enumerate(names):
        if left_out(name) or _of_others(name):
            continue
        for rank, kind in enumerate(KINDS):
            for of, called in words().kinds[kind].items():
                score = likeness(name, [of, *called])
                if of not in PASSED_OVER and score >= NEAR:
                    order = [plain(one) for one in called]
                    place = order.index(plain(name)) if plain(name) in order else len(order)
                    pairs.append((-score, rank, place, at, name, kind, of))
    found: dict[str, ColumnUse] = {}
    filled: set[tuple[str, str]] = set()
    for *_, name, kind, of in sorted(pairs):
        if name not in found and ((kind, of) not in filled or of in SEVERAL):
            found[name] = ColumnUse(name, kind, of)
            filled.add((kind, of))
    for name in names:
        if name not in found and not left_out(name) and _part_of_name(name):
            found[name] = ColumnUse(name, "application", "applicant")
    if "letter" not in {one.kind for one in found.values() if one.field != "issuer"}:
        for name in names:  # beside a passport alone, who issued is a state
            if plain(name) in STATE and any(one.kind == "travel-document" for one in found.values()):
                found.pop(name, None)
    return [found.get(name, ColumnUse(name, "", "")) for name in names]


def _of_others(name: str) -> bool:
    """Return whether a column is a telephone or address of somebody who is of no applicant's household."""
    bare = plain(spaced(name))
    address = re.search(r"\b(address|adresse)", bare)
    contact = address or re.search(r"\b(tele)?phone|\be ?mail|\bcourriel", bare)
    return bool((contact and THIRD.search(bare)) or (address and SERVES.search(bare)))


def _part_of_name(name: str) -> bool:
    bare = plain(spaced(name))
    return bool(PART.search(bare)) and not (KIN.search(bare) or THIRD.search(bare) or SERVES.search(bare))


def read(files: Iterable[Path]) -> Applications:
    """Return the applications of tables: CSV, spreadsheets, JSON. Rows of one number are one application.

    Raises:
        FormatError: a file is no table, or none of its columns is known.
    """
    made = Applications()
    rows: dict[str, list[tuple[ColumnUse, str]]] = {}
    for number, path in enumerate(files):
        _read(path, number, made, rows)
    usual = _letters(rows)
    for id_, cells in rows.items():
        made.filings.append(_filing(id_, cells, usual))
        if notes := [text for one, text in cells if one.field == "officer_note"]:
            made.notes[id_] = list(dict.fromkeys(notes))
    return made


def _read(path: Path, number: int, made: Applications, rows: dict[str, list[tuple[ColumnUse, str]]]) -> None:
    with path.open("rb") as stream:
        sheet = open_sheet(Columns("application"), stream, path.name)
        columns = taken(sheet.names)
        known = [one for one in columns if one.field]
        if not {one.field for one in known}.intersection(TIE_OF):
            raise FormatError(
                f"{path.name} has no column that is known, such as applicant, consultant, phone or payer;"
                f" its columns are {', '.join(sheet.names[:12])}"
            )
        made.taken += [one for one in known if one not in made.taken]
        for one in columns:
            if not one.field:
                (made.left_out if left_out(one.column) else made.unused).append(one.column)
        ids = [one.column for one in known if one.field in ("application", "number") and one.kind != KINDS[2]]
        count = 0
        for piece in sheet.pieces:
            if isinstance(piece, Fault):
                made.refused.append(piece)
                continue
            for row in piece.cells.to_pylist():
                count += 1
                id_ = next((text for name in ids if (text := _value(row[name]))), f"{number + 1}:{count}")
                cells = rows.setdefault(id_, [])
                for one in known:
                    text = _value(row[one.column])
                    if text or one.field == "checks":  # no check that failed is an answer, too
                        cells.append((one, text))


def _value(text: str | None) -> str:
    stripped = " ".join((text or "").split())
    return "" if stripped.casefold() in NOTHING else stripped


def _letters(rows: Mapping[str, Sequence[tuple[ColumnUse, str]]]) -> dict[str, str]:
    """Return the group of each letter's text: letters whose wordings resemble each other are of one.

    Two letters are compared where a band of their fingerprints is the same (`formats.documents.wording`).
    """
    prints: dict[str, Any] = {}
    for cells in rows.values():
        names = [
            text for one, text in cells if one.field in ("applicant", "institution", "issuer", "employer")
        ]
        for one, text in cells:
            if one.field == "text" and text not in prints:
                prints[text] = wording.fingerprint(text, names)
    return groups(prints)


ALIKE: Final = 0.8
"""Resemblance from which on two letters are of one wording."""


def groups(prints: Mapping[str, Any]) -> dict[str, str]:
    """Return by the key of each fingerprint the first key of those that it resembles, itself or another."""
    first: dict[str, str] = {}
    by_band: dict[int, list[str]] = defaultdict(list)
    for key, print_ in prints.items():
        bands = _bands(np.asarray(print_, np.int64).tobytes())
        near = dict.fromkeys(one for band in bands for one in by_band[band])
        alike = (
            one
            for one in near
            if (found := wording.resemblance(prints[one], print_)) and found.value >= ALIKE
        )
        first[key] = next(alike, key)
        if first[key] == key:  # one letter stands for its group, or each would be compared with all
            for band in bands:
                by_band[band].append(key)
    return first


@lru_cache(maxsize=1 << 14)  # a desk groups the same letters again whenever it looks
def _bands(print_: bytes) -> tuple[int, ...]:
    return tuple(wording.bands(np.frombuffer(print_, np.int64)))


def _filing(id_: str, cells: Sequence[tuple[ColumnUse, str]], usual: Mapping[str, str]) -> Filing:
    ties: dict[str, list[str]] = defaultdict(list)
    false: dict[str, bool] = {}
    said: dict[str, str] = {}
    keys: list[str] = []
    names: list[str] = []
    of_name: list[str] = []
    for one, text in cells:
        said.setdefault(one.field if one.kind == KINDS[0] else f"{one.kind}.{one.field}", text)
        if one.field == "applicant":
            (of_name if _part_of_name(one.column) else keys if _is_key(one.column) else names).append(text)
        elif one.field == "confirmed":
            if (answer := _answer(text)) is not None:
                false[UNCONFIRMED] = false.get(UNCONFIRMED, False) or not answer
        elif one.field == "checks":
            false[CHECKS] = false.get(CHECKS, False) or _failed(one.column, text)
        elif (kind := _tie(one)) is not None:
            for part in _parts(kind, text):
                value = usual[text][:80] if one.field == "text" else _normal(kind, part)
                if value:
                    ties[kind].append(value)
    people = list(dict.fromkeys([*keys, *names, *([" ".join(dict.fromkeys(of_name))] if of_name else [])]))
    return Filing(
        id=id_,
        applicant=people[0] if people else f"application {id_}",
        ties={kind: tuple(dict.fromkeys(values)) for kind, values in ties.items()},
        issuer=_normal("institution", said.get("letter.issuer") or said.get("institution") or "") or None,
        false=false,
        office=said.get("office"),
        officer=said.get("officer"),
        names=tuple(people[1:]),
    )


def _is_key(column: str) -> bool:
    return bool(KEY.search(plain(spaced(column))))


def _tie(one: ColumnUse) -> str | None:
    if one.field in ("number", "template"):
        return {"travel-document": {"number": "document"}, "letter": {"template": "template"}}.get(
            one.kind, {}
        ).get(one.field)
    if one.field == "issuer" and one.kind != "letter":  # of a passport it is a state
        return None
    return TIE_OF.get(one.field)


def _parts(kind: str, text: str) -> Iterator[str]:
    split = kind in ("telephone", "email")
    yield from (one.strip() for one in (re.split(r"[;|]", text) if split else [text]))


def _normal(kind: str, text: str) -> str:
    """Return a value in the form in which two ways to write it are one; names keep their words as written."""
    if kind == "telephone":
        digits = re.sub(r"\D", "", text)
        return digits if len(digits) != 10 else f"1{digits}"
    if kind == "address":
        return plain(text)
    if kind in ("document", "letter"):
        return re.sub(r"[\s./-]", "", text).upper()
    if kind == "email":
        return text.casefold()
    return " ".join(text.split())


def _answer(text: str) -> bool | None:
    """Return whether an issuer confirmed a letter; None where nobody knows."""
    word = plain(text) or "unknown"
    for answer, called in words().values["confirmed"].items():
        if word == answer or word in map(plain, called):
            return {"yes": True, "no": False}.get(answer)
    return None


def _failed(column: str, text: str) -> bool:
    """Return whether a check failed: a column of what is valid says no, another says yes or names a check."""
    answer = _answer(text)
    good = bool(re.search(r"valid|pass|\bok\b|bon", plain(column)))
    if answer is None:
        return plain(text) not in ("", "passed", "pass", "clear", "unknown")
    return answer is not good
