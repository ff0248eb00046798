from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.thorough import draws

from watchfloor.core.marking import parse
from watchfloor.core.messages import reason
from watchfloor.exchange.letter.traces import KEY_DIGITS, KINDS_OF_TRACE, Material, traces

SEEN = datetime(2026, 11, 20, 14, 5, tzinfo=UTC)
PARTY = {
    "record_id": bytes.fromhex("0123456789abcdef" * 2),
    "report_key": "MFT-2291-07",
    "source": "air-cargo",
    "origins": ["bank-north:77"],
    "observed_at": SEEN,
    "marking": "PB//TLP:AMBER//COMP:GAMMA//CAVEAT:NO-CONTACT",
    "delivery": bytes(range(32)),
    "locator": "line 7",
    "subject": "company:reg:91310000XQ77",
    "role": "shipper",
    "name": "Weiling Fine Chemicals Co., Ltd",
    "identifiers": [{"scheme": "phone", "value": "+86 21 5550 0133"}],
}
REPORT = PARTY | {
    "record_id": bytes.fromhex("fedcba9876543210" * 2),
    "report_key": None,
    "source": "boat unit four",
    "name": None,
    "author": "Sgt Tremblay",
    "portions": [{"text": "The drums were repainted at night behind the cold store.", "marking": None}],
}
READING = PARTY | {"sample": "L-2026-881", "instrument": "Agilon 7000", "method": "gc-ms", "name": None}
SIGNAL = {
    "row_id": bytes.fromhex("00ff" * 8),
    "desk": "cargo",
    "rule": "weight-over-declared",
    "reason": {"message": "cargo.heavier-than-declared", "params": '{"count": 3}'},
    "at": SEEN,
    "since": None,
    "until": None,
    "origins": [],
    "marking": "PB//TLP:AMBER",
    "latitude": 44.6488,
    "longitude": -63.5752,
}
MATERIAL = Material(
    (PARTY, REPORT, READING, SIGNAL),
    frozenset({"radar-west-7"}),
    frozenset({"harbour-cell"}),
    frozenset({"A. Roy"}),
)
MARKING = parse("U//TLP:AMBER")
CLEAN = (
    "Exporters of concern\n\nWe ask you to look at firms in your jurisdiction that sell precursors abroad.\n"
    "Weiling Fine Chemicals is one of them. Its goods were seized here more than once this year.\n"
)
TELLS = ["Weiling Fine Chemicals"]


def found(text, tells=(), material=MATERIAL):
    return {(one.kind, one.said) for one in traces(text, material, MARKING, tells)}


def kinds(text, tells=()):
    return {kind for kind, _ in found(text, tells)}


def test_a_clean_letter_has_no_trace():
    assert traces(CLEAN, MATERIAL, MARKING, TELLS) == []


PLANTED = {
    "source": ["air-cargo", "boat unit four", "radar-west-7", "Sgt Tremblay"],
    "node": ["bank-north", "harbour-cell"],
    "id": ["0123456789abcdef0123456789abcdef", "0123456789ab", "00ff00ff00ff00ff", "MFT-2291-07"],
    "rule": ["weight-over-declared", "cargo.heavier-than-declared", "the cargo desk", "bureau cargo"],
    "instrument": ["Agilon 7000", "GC-MS"],
    "position": ["44.65", "44,6488", "63.5752", "44°38′56″N", "44° 39' N"],
    "marking": ["PB//TLP:AMBER", "PROTECTED B", "SECRET", "TLP:RED", "GAMMA", "NO-CONTACT", "NOFORN"],
    "time": ["14:05", "9 h 30", "1405Z", "0830 UTC"],
    "person": ["A. Roy"],
    "name": ["Weiling Fine Chemicals Co., Ltd"],
    "number": ["91310000XQ77", "+86 21 5550 0133", "862155500133", "5550 0133"],
    "date": [
        "2026-11-20",
        "20 November 2026",
        "November 20th, 2026",
        "20 novembre 2026",
        "20/11/2026",
        "19.11.2026",
    ],
    "phrase": ["drums were repainted at night", "derrière: repainted at night behind the cold store"],
}


@pytest.mark.parametrize(
    ("kind", "said"), [(kind, said) for kind, list_ in PLANTED.items() for said in list_]
)
def test_each_planted_trace_is_found(kind, said):
    tells = TELLS if kind != "name" else []
    text = CLEAN + f"\nOf this we know by {said} and more.\n"
    assert kind in kinds(text, tells), said
    (line,) = {one.line for one in traces(text, MATERIAL, MARKING, tells) if one.kind == kind}
    assert line == 6


def test_every_kind_of_trace_is_planted_and_has_words():
    assert set(PLANTED) == set(KINDS_OF_TRACE)
    for message in KINDS_OF_TRACE.values():
        assert reason(message, said="x").render("en") != reason(message, said="x").render("fr")


WORDS = ["air-cargo", "boat unit four", "bank-north", "weight-over-declared", "drums were repainted at night"]


def disguised(word, data):
    """The same words written otherwise: case, accents, invisible characters, blanks, line ends, hyphens."""
    for how in data.draw(st.lists(st.sampled_from("uzhnaw"), max_size=3)):
        word = {
            "u": word.upper,
            "z": lambda w=word: w[:2] + "\u200b" + w[2:],
            "h": lambda w=word: w.replace(" ", "-"),
            "n": lambda w=word: w.replace(" ", "\n").replace("-", "\n"),
            "a": lambda w=word: w.replace("a", "á").replace("e", "é"),
            "w": lambda w=word: w.translate({ord("a"): "ａ", ord("r"): "ｒ"}),
        }[how]()
    return word


@settings(max_examples=draws(150), deadline=None)
@given(st.sampled_from(WORDS), st.data())
def test_a_trace_is_not_hidden_by_writing_it_otherwise(word, data):
    plain_kinds = kinds(f"see {word} there", TELLS)
    assert plain_kinds
    assert plain_kinds <= kinds(f"{CLEAN} see {disguised(word, data)} there", TELLS)


@pytest.mark.parametrize("kind", ["name", "number", "date", "phrase"])
def test_what_is_to_be_told_may_be_told(kind):
    for said in PLANTED[kind]:
        assert kind not in kinds(f"see {said} there", [said]), said


@pytest.mark.parametrize("kind", sorted(set(PLANTED) - {"name", "number", "date", "phrase"}))
def test_what_may_never_be_told_is_found_though_it_is_said_to_be_told(kind):
    for said in PLANTED[kind]:
        assert kind in kinds(f"see {said} there", [said]), said


def test_telling_a_name_does_not_open_the_phrase_around_it():
    text = "They say the drums were repainted at night."
    assert ("phrase", "the drums were repainted at night") in found(text, ["repainted elsewhere"])
    assert "phrase" not in kinds(text, ["drums were repainted"])  # fewer than four shared words are left


def test_a_phrase_is_named_whole_and_once():
    text = "They say: the drums were repainted at night behind the cold store, twice."
    said = [one.said for one in traces(text, MATERIAL, MARKING) if one.kind == "phrase"]
    assert said == ["the drums were repainted at night behind the cold store"]


def test_link_words_alone_are_no_phrase():
    material = Material((REPORT | {"portions": [{"text": "it was on the way to us in an old van"}]},))
    assert not {one for one in found("it was on the day", (), material) if one[0] == "phrase"}


@pytest.mark.parametrize("written", ["at 61.2163 N", "at 61°12′59″N", "at 61,216"])
def test_a_position_in_prose_is_one_too(written):
    material = Material((REPORT | {"portions": [{"text": f"Seen {written}, for 12.50 dollars"}]},))
    assert ("position", "61.22") in found("somewhere near 61.22", (), material)
    assert "position" not in {kind for kind, _ in found("it cost 12.52 or 61.92", (), material)}


def test_a_marking_that_the_letter_has_itself_is_no_trace():
    assert "marking" not in kinds("U//TLP:AMBER and U//TLP:GREEN, but not confidential or secret talk")


@settings(max_examples=draws(200), deadline=None)
@given(st.lists(st.sampled_from("abcdefgh"), min_size=4, max_size=20), st.data())
def test_every_shared_run_is_found_as_brute_force_finds_it(letters, data):
    """The oracle: each window of four words of the letter, looked for in the record's text."""
    source = [letter * 4 for letter in letters]
    other = [letter * 4 for letter in data.draw(st.lists(st.sampled_from("abcdefgh"), max_size=15))]
    record = " ".join(source)
    material = Material((REPORT | {"portions": [{"text": record}], "author": None, "source": "x"},))
    mine = [one.said for one in traces(" ".join(other), material, MARKING) if one.kind == "phrase"]
    windows = {" ".join(other[at : at + 4]) for at in range(len(other) - 3)}
    shared = {window for window in windows if f" {window} " in f" {record} "}
    assert {window for window in windows if any(f" {window} " in f" {said} " for said in mine)} == shared


@settings(max_examples=draws(100), deadline=None)
@given(st.binary(min_size=16, max_size=16), st.integers(KEY_DIGITS, 32), st.text("xyz ", max_size=20))
def test_an_id_is_found_in_whole_or_in_part_and_in_groups(id_, length, before):
    material = Material(({"record_id": id_, "marking": "U", "origins": []},))
    written = " ".join(id_.hex()[at : min(at + 4, length)] for at in range(0, length, 4))
    assert ("id", id_.hex()[:KEY_DIGITS]) in found(f"{before} {written}", (), material)


@given(st.text(max_size=300))
def test_any_text_is_searched(text):
    for one in traces(text, MATERIAL, MARKING, [text[:20]]):
        assert one.kind in KINDS_OF_TRACE
        assert 1 <= one.line <= len(text.splitlines())


def test_what_is_written_without_blanks_is_found():
    row = PARTY | {"name": "惟灵化工", "context": "货物在码头夜间重新喷漆"}
    material = Material((row,))
    assert ("name", "惟 灵 化 工") in found("我们请贵方查看惟灵化工公司", (), material)
    assert "name" not in {kind for kind, _ in found("我们请贵方查看惟灵化工公司", ["惟灵化工"], material)}
    assert ("phrase", "码 头 夜 间 重 新 喷 漆") in found("据悉码头夜间重新喷漆", (), material)
