"""The pre-load rules as one would write them from the paper: a waybill at a time, in plain Python.

It shares with the package the lists of words, the tables of countries and airports, and the bounds; nothing
of how a rule is carried out. Findings are (row, rule, field).
"""

import math
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator
from functools import cache
from typing import Any

from watchfloor.formats.cargo.waybills.airports import country_of
from watchfloor.formats.lists.countries import country_code
from watchfloor.reference import hs
from watchfloor.reference.preload import checks, vague_words
from watchfloor.reference.preload.check import HEAVIEST, LIGHTEST, LONGEST_NUMBER, MOST

Row = dict[str, Any]
Finding = tuple[int, str, str]

NAMES = ("shipper_name", "consignee_name")
ADDRESSES = ("shipper_address", "consignee_address")
FIVE = (NAMES[0], ADDRESSES[0], NAMES[1], ADDRESSES[1], "goods")
BLANKS = set(".-\"'“”_")
LIKE = re.compile(r"\d{3}[\s-]?\d{4}[\s-]?\d{4}", re.ASCII)
TAILS = (r"[^\s,;/]+$", r"[^,;/\n]+$", r"[^\s,;/]+\s[^\s,;/]+$", r"[^\s,;/]+\s[^\s,;/]+\s[^\s,;/]+$")


def _normal(text: str) -> str:
    plain = "".join(c for c in unicodedata.normalize("NFKD", text) if unicodedata.category(c)[0] != "M")
    return re.sub(
        " +", " ", "".join(c if unicodedata.category(c)[0] in "LN" else " " for c in plain.lower())
    ).strip()


def _alike(word: str) -> set[str]:
    """Singular and plural."""
    return {word, word.removesuffix("s"), word.removesuffix("s") + "s"} if len(word) > 3 else {word}


def _set(name: str) -> set[str]:
    return {form for word in vague_words.phrases(name) for form in _alike(word)}


LISTS = {
    name: _set(name)
    for name in (
        *(
            "unacceptable",
            "general",
            "consolidation",
            "disclaimer",
            "placeholder",
            "forwarder",
            "filler",
            "handling",
        ),
    )
}


FILLERS = set(vague_words.phrases("filler"))


@cache
def _listed(names: tuple[str, ...]) -> tuple[set[str], int]:
    """Every phrase of some lists, and how many words the longest has."""
    listed = set().union(*(LISTS[name] for name in names))
    return listed, max(len(phrase.split()) for phrase in listed)


def _alone(text: str, *names: str) -> bool:
    """Whether a normal text can be cut into listed phrases, numbers and little words, with a phrase in it."""
    listed, longest = _listed(names)
    tokens = text.split()
    reach = {(0, False)}
    for at in range(len(tokens)):
        for phrased in (False, True):
            if (at, phrased) not in reach:
                continue
            token = tokens[at]
            if token in FILLERS or re.fullmatch("[0-9]+", token):
                reach.add((at + 1, phrased))
            for width in range(1, longest + 1):
                if " ".join(tokens[at : at + width]) in listed and at + width <= len(tokens):
                    reach.add((at + width, True))
    return (len(tokens), True) in reach


def _within(text: str, name: str) -> bool:
    return any(f" {phrase} " in f" {text} " for phrase in LISTS[name])


def _plain(text: str) -> str:
    return re.sub(r"[\s-]", "", text, flags=re.ASCII)


def _country(address: str) -> bool:
    end = address[-60:].rstrip(" .,;\n")
    for pattern in TAILS:
        found = re.search(pattern, end, re.ASCII)
        if found and not any(c.isdigit() for c in found[0]) and country_code(found[0]):
            return True
    return False


def _characters(text: str) -> Iterator[str]:
    """Rules of section 6.1 that a text breaks."""
    kinds = [unicodedata.category(c) for c in text]
    letters = any(kind[0] == "L" for kind in kinds)
    numbers = any(kind[0] == "N" for kind in kinds)
    ascii_blank = set(" \t\n\f\r")
    if text and not letters:
        if kinds[0] == "Nd" and all(
            kind == "Nd" or c in ascii_blank for kind, c in zip(kinds, text, strict=True)
        ):
            yield "only-numbers"
        if all(c in BLANKS or c in ascii_blank for c in text):
            yield "only-blanks"
        elif not numbers:
            yield "only-special"
        rest = [c for kind, c in zip(kinds, text, strict=True) if kind[0] != "N" and c not in ascii_blank]
        if numbers and rest:
            yield "numbers-and-special"
    if len(text) >= 3 and len(set(text)) == 1 and kinds[0] != "Nd":
        yield "one-symbol"
    named = text.endswith(".") and text[:-1].lower() in vague_words.phrases("extension") and text.isascii()
    if named or re.fullmatch(r"\.[A-Za-z0-9]{2,4}", text):
        yield "only-extension"


def _lost(goods: str) -> bool:
    for c in goods:
        if unicodedata.category(c)[0] == "L" and "LATIN" not in unicodedata.name(c, "") and c not in "ªº":
            return True
        if c in "\u2060\ufeff" or "\u200b" <= c <= "\u200f" or "\u202a" <= c <= "\u202e":
            return True
        if (c < " " and c not in "\t\n\r") or c == "\x7f":
            return True
    return False


def findings(rows: list[Row]) -> list[Finding]:
    """Every rule on every waybill, one after the other."""
    told = [_texts(row) for row in rows]
    across = _across(rows, told)
    found = []
    for at, (row, text) in enumerate(zip(rows, told, strict=True)):
        found += [(at, rule, field) for rule, field in (*_one(row, text), *across[at])]
    return sorted(found)


def _texts(row: Row) -> dict[str, str]:
    return {name: (row[name] or "").strip() for name in (*FIVE, "document", "master")}


def _own(row: Row, text: dict[str, str]) -> bool:
    named = bool(LIKE.fullmatch(text["document"])) or row["subject"].startswith("parcel:awb:")
    return not text["master"] and bool(text["document"]) and named


def _marked(row: Row) -> bool:
    return any(code.lower() == "consolidation=yes" for code in row["codes"] or [])


def _one(row: Row, text: dict[str, str]) -> Iterator[tuple[str, str]]:
    yield from _number_rules(row, text)
    yield from _party_rules(row, text)
    yield from _goods_rules(row, text)
    yield from _amounts(row)
    if row["expected_at"] and row["observed_at"] >= row["expected_at"]:
        yield "late", "observed_at"
    yield from _tariff(row)
    where = [
        place[:2] if len(place) == 5 and place.isalnum() else country_of(place)
        for place in row["route"] or []
    ]
    if where and None not in where and "CA" not in where and row["destination"] != "CA":
        yield "routing-elsewhere", "route"


def _tariff(row: Row) -> Iterator[tuple[str, str]]:
    if row["hs"] is None:
        return
    said = hs.check(row["hs"], row["observed_at"].date())
    if said.state == "withdrawn":
        yield "hs-withdrawn", "hs"
    own = row["hs"].startswith(("98", "99"))
    if said.state == "malformed" or (said.state == "unknown" and said.edition and not own):
        yield "hs-unknown", "hs"


def _number_rules(row: Row, text: dict[str, str]) -> Iterator[tuple[str, str]]:
    document, master, own = text["document"], text["master"], _own(row, text)
    if not document and not master:
        yield "number-missing", ""
    if master and not document:
        yield "house-number-missing", "document"
    if not own and len(document) > LONGEST_NUMBER:
        yield "house-number-long", "document"
    if document and not master and not own:
        yield "master-not-told", "master"
    for field, number in (("document", document if own else ""), ("master", master)):
        if number and not re.fullmatch(r"\d{3}-\d{8}", number, re.ASCII):
            yield "number-form", field
        if LIKE.fullmatch(number):
            serial = _plain(number)[3:]
            if int(serial[:7]) % 7 != int(serial[7]):
                yield "number-check-digit", field


def _party_rules(row: Row, text: dict[str, str]) -> Iterator[tuple[str, str]]:
    for field in NAMES:
        if not text[field]:
            yield "name-missing", field
    for field, apart in zip(ADDRESSES, ("departure", "destination"), strict=True):
        address, normal = text[field], _normal(text[field])
        if not address:
            yield "address-missing", field
        elif row[apart] is None and not _country(address):
            yield "address-without-country", field
        bare = address.rstrip(" .,")
        short = len(address.encode()) < 60 and re.fullmatch(r"[^0-9,]+[.,]?", address)
        if short and bare and not any(c.isdigit() for c in bare) and country_code(bare):
            yield "address-without-line", field
        if re.search(checks.BOX, normal) and not re.search(checks.STREET, normal):
            yield "box-alone", field
    for field in (*NAMES, *ADDRESSES):
        normal = _normal(text[field])
        if normal in LISTS["placeholder"] or re.match("to (?:the )?order of .*", normal):
            yield "placeholder", field
    for field in FIVE:
        for rule in _characters(text[field]):
            yield rule, field


def _goods_rules(row: Row, text: dict[str, str]) -> Iterator[tuple[str, str]]:
    goods = text["goods"]
    normal = _normal(goods)
    vague = _alone(normal, "unacceptable")
    told = _alone(normal, "consolidation")
    if not goods:
        yield "goods-missing", "goods"
    if vague:
        yield "goods-unacceptable", "goods"
    elif _alone(normal, "general", "unacceptable"):
        yield "goods-general", "goods"
    if _within(normal, "disclaimer") and not vague:
        yield "goods-said-to-contain", "goods"
    if normal and normal in {_normal(text[field]) for field in (*NAMES, *ADDRESSES)}:
        yield "goods-party", "goods"
    number = _plain(goods).upper()
    if number and number in {_plain(text[field]).upper() for field in ("document", "master")}:
        yield "goods-number", "goods"
    if normal and set(normal.split()) <= set(vague_words.phrases("handling")):
        yield "goods-handling-code", "goods"
    if _lost(goods):
        yield "goods-characters", "goods"
    if re.search(checks.MIXED, goods):
        yield "goods-mixed-word", "goods"
    if len(goods.encode()) > checks.LONGEST:
        yield "goods-long", "goods"
    if told and not _own(row, text):
        yield "consolidation-on-house", "goods"
    if told and _own(row, text) and not _marked(row):
        yield "consolidation-unmarked", "goods"


def _amounts(row: Row) -> Iterator[tuple[str, str]]:
    pieces, mass = row["pieces"], row["mass"]
    if pieces is None:
        yield "pieces-missing", "pieces"
    elif pieces < 1:
        yield "pieces-none", "pieces"
    elif pieces > MOST:
        yield "pieces-many", "pieces"
    if mass is None or math.isnan(mass):
        yield "weight-missing", "mass"
    elif mass <= 0:
        yield "weight-none", "mass"
    elif mass > HEAVIEST:
        yield "weight-absurd", "mass"
    elif pieces is not None and pieces >= 1 and mass < LIGHTEST * pieces:
        yield "weight-light", "mass"


def _across(rows: list[Row], told: list[dict[str, str]]) -> list[list[tuple[str, str]]]:
    """Rules about several waybills."""
    found: list[list[tuple[str, str]]] = [[] for _ in rows]
    lines: Counter[tuple[Any, ...]] = Counter()
    parties = defaultdict(set)
    pieces: dict[str, dict[str, int]] = defaultdict(dict)
    for row, text in zip(rows, told, strict=True):
        if not text["master"]:
            continue
        houses = pieces[_plain(text["master"]).upper()]
        number = _plain(text["document"]).upper()
        if row["pieces"] is not None:
            houses[number] = max(houses.get(number, row["pieces"]), row["pieces"])
        if text["document"]:
            lines[_line(row, text)] += 1
            parties[text["master"], text["document"]].add((text["shipper_name"], text["consignee_name"]))
    for at, (row, text) in enumerate(zip(rows, told, strict=True)):
        key = text["master"], text["document"]
        if all(key) and (lines[_line(row, text)] > 1 or len(parties[key]) > 1):
            found[at].append(("house-twice", "document"))
        if not _own(row, text):
            continue
        named = _plain(text["document"]) != "" and _plain(text["document"]).upper() in pieces
        described = _alone(_normal(text["goods"]), "consolidation")
        if (described or _marked(row)) and not named:
            found[at].append(("houses-missing", ""))
        both = all(_within(_normal(text[name]), "forwarder") for name in NAMES)
        if both and not (described or _marked(row) or named):
            found[at].append(("forwarders-unmarked", ""))
        total = sum(pieces[_plain(text["document"]).upper()].values()) if named else 0
        if named and row["pieces"] is not None and total > row["pieces"]:
            found[at].append(("houses-exceed-master", "pieces"))
    return found


def _line(row: Row, text: dict[str, str]) -> tuple[Any, ...]:
    mass = None if row["mass"] is not None and math.isnan(row["mass"]) else row["mass"]
    names = ("master", "document", *NAMES, "goods")
    return (*(text[name] for name in names), row["pieces"], mass)
