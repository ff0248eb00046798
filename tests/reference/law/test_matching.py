"""Names in running text: found as written, in any script, and not inside something else."""

import unicodedata

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchfloor.reference.law import trade
from watchfloor.reference.law.matching import Beside, Matcher, Name, fold, without_accents


def found(text: str) -> list[tuple[str, str]]:
    return [(one.strength, one.id) for one in trade.by_name(text)]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("4 - Piperidone HCl", [("name", "4-piperidone")]),
        ("4‐piperidone", [("name", "4-piperidone")]),
        ("４－哌啶酮 1kg", [("name", "4-piperidone")]),
        ("1-boc-4-piperidone", [("name", "1-boc-4-piperidone")]),
        ("1-叔丁氧羰基-4-哌啶酮", [("name", "1-boc-4-piperidone")]),
        ("N-phenethyl-4-piperidone", [("synonym", "npp")]),
        ("N-methyl-4-piperidone", [("within", "4-piperidone")]),
        ("benzoylfentanyl", [("within", "fentanyl")]),
        ("piperidine 99 %, 2 x 500 mL, class A licence stated", [("name", "piperidine")]),
        ("drum of acetone/toluene", [("name", "acetone"), ("name", "toluene")]),
        ("acetone,toluene,piperidine", [("name", "acetone"), ("name", "toluene"), ("name", "piperidine")]),
        ("piperidine-99%", [("name", "piperidine")]),
        ("N-isopropyl 4-piperidone", [("within", "4-piperidone")]),
        ("α-Phenylacetoacetonitrile", [("name", "apaan")]),
        ("phosphorus, red", [("synonym", "red-phosphorus")]),
        ("anhydride acetique", [("name", "acetic-anhydride")]),
        ("уксусный ангидрид, 5 кг", [("name", "acetic-anhydride")]),
        ("(S)-ketamine", [("name", "ketamine")]),
        ("d-methamphetamine", [("name", "methamphetamine")]),
        ("fentanyl-d5", [("name", "fentanyl")]),
        ("reagent, CAS 79099-07-3", [("cas", "1-boc-4-piperidone")]),
        ("UN1715, corrosive", [("un", "acetic-anhydride")]),
        ("甲苯 200L", [("name", "toluene")]),
        ("1-苯基-2-丙酮", [("name", "p2p")]),
        ("TDP-5 mini press", [("synonym", "tablet-press")]),
        ("héroïne", [("synonym", "heroin")]),
        ("pigment intermediate, sample, 5 bags", [("euphemism", "pigment intermediate")]),
        ("LSD blotter art", [("short", "lsd")]),
        ("W-18 filter", [("short", "w-18")]),
        ("鸦片 500克", [("name", "opium")]),
        ("tablet punch and die set", [("synonym", "press-tooling")]),
    ],
)
def test_what_a_text_names(text: str, wanted: list[tuple[str, str]]) -> None:
    assert found(text) == wanted


@pytest.mark.parametrize(
    "text",
    [
        "Ethernet cable",
        "acetone-free nail polish remover",
        "LSD differential",
        "limited slip LSD",
        "mapa de carreteras",
        "MAPA gloves",
        "testosterone booster, 60 capsules",
        "MEK inhibitor",
        "punch and die set for stamping metal",
        "coffee capsule filling machine",
        "鸦片鱼头",
        "吗啡啉",
        "non-acetone remover",
        "toluene diisocyanate 80/20",
        "toluene-2,4-diisocyanate",
        "methyl ethyl ketone peroxide",
        "fentanyl test strips",
        "heroine comic book",
        "vinylbenzyl chloride",
        "p-methyl aniline",
        "2-methyl-3-(trifluoromethyl)aniline",
        "aniline, p-methyl-",
        "benzyl ethyl ether",
        "acetone oxime",
        "1,4-bis(chloromethyl)-2-methylbenzene",
        "甲苯磺酸",
        "盐酸盐",
        "sodium sulfate",
        "un-used spare parts, 1715 pieces",
        "order 79099-07-4",  # the check digit is another
        "delivered 2026-06-05",
        "",
    ],
)
def test_what_names_nothing(text: str) -> None:
    assert found(text) == []


def test_the_longest_name_wins_and_none_is_found_twice() -> None:
    names = [Name("ethyl ether", "a", "name"), Name("ethyl", "b", "name"), Name("diethyl ether", "c", "name")]
    matcher = Matcher.build(names)
    assert [(one.what, one.start) for one in matcher.find("ethyl ether, ethyl")] == [("a", 0), ("b", 13)]
    assert [one.what for one in matcher.find("diethyl ether")] == ["c"]


def test_words_beside_a_name() -> None:
    matcher = Matcher.build([Name("acetone", "a", "name")], Beside(before=("no",), after=("free",)))
    assert [
        bool(matcher.find(t)) for t in ("no acetone", "acetone free", "casino acetone", "acetone, freely")
    ] == [
        False,
        False,
        True,
        True,
    ]


def test_every_name_is_found_where_it_stands_alone() -> None:
    """Brute force over all names: each is found in a text of its own, whatever else is written like it."""
    for name in trade.names():
        told = {one.what for one in trade.matcher().find(f"{'UN ' * (name.strength == 'un')}{name.text}")}
        assert name.what in told, name


def test_the_quick_search_never_misses() -> None:
    """`may` says yes to every text in which `find` finds something; upper case and odd spaces among them."""
    texts = [f"2 x {name.text.upper()}, 99 %" for name in trade.names() if name.strength != "un"]
    texts += ["UN 1715", "un-1830 acid", "N-ACETYLFENTANYL", "x41661-47-6", None]
    may = trade.matcher().may(pa.array(texts))
    missed = [t for t, yes in zip(texts, may, strict=True) if t and trade.matcher().find(t) and not yes]
    assert missed == []
    assert not may[-1]
    assert not trade.matcher().may(pa.array(["steel bolts, 40 boxes", "polyester shirts"])).any()


@given(st.text())
def test_any_text_is_read(text: str) -> None:
    for one in trade.by_name(text):
        assert fold(text)[one.start :].startswith(one.text)


@given(st.text(alphabet="aeiouàéîöüçñ哌啶йё ", max_size=20))
def test_accents_go_from_latin_letters_alone(text: str) -> None:
    bare = without_accents(text)
    assert without_accents(bare) == bare
    kept = [sign for sign in unicodedata.normalize("NFC", text) if sign in "哌啶йё"]
    assert [sign for sign in bare if sign in "哌啶йё"] == kept


def test_a_number_in_two_names_gives_both() -> None:
    both = [Name("7723-14-0", "red", "cas"), Name("7723-14-0", "white", "cas")]
    assert [one.what for one in Matcher.build(both).find("CAS 7723-14-0")] == ["red", "white"]


def test_a_very_long_text_is_read_once():
    """Many names in one word: what is looked at beside each is bounded, or this would not end."""
    text = "aniline,toluene;" * 12_000
    assert len(trade.by_name(text)) == 24_000
