"""The questions of the screening benchmark: reproducible, apart by half, and what they claim to be."""

import random
from collections import Counter
from datetime import UTC, datetime

import pyarrow as pa
import pytest
from benchmarks.listings import failures
from benchmarks.listings.peers import Answer, best_by_entity
from benchmarks.listings.perturb import CHANGES, words
from benchmarks.listings.questions import (
    HALVES,
    Question,
    distinct_entities,
    half_of,
    has_rarest,
    latin_only,
    other_day,
    questions,
    script_of,
)
from benchmarks.listings.romanise import plain
from benchmarks.listings.scale import composed
from benchmarks.listings.special import benign, hostile
from benchmarks.listings.unrelated import distinct, persons, same_words, sound, stocks
from benchmarks.listings.verdicts import above, alarms, cap, pick, recall
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.thorough import draws

from watchfloor.core.kinds import LISTING

GIVEN = ("Aleksandr", "Jose", "Robert", "Muhammad", "Kwame", "Svetlana", "Tariq", "Nadezhda")
FAMILY = ("Brundlefly", "Zhakov", "Quistel", "Al-Varnadi", "Ostermeyer", "Pellucid", "Harkonov", "Tamburlane")


def listed(at: int) -> dict:
    name = f"{GIVEN[at % 8]} {FAMILY[at // 8 % 8]} {FAMILY[at % 7]}ovich"
    names = [
        {"text": name, "role": "primary", "strength": "strong", "lang": None},
        {"text": f"The {FAMILY[at % 8]}", "role": "alias", "strength": "weak", "lang": None},
        {"text": "طارق الورنادي", "role": "alias", "strength": "strong", "lang": None},
    ]
    row = dict.fromkeys(LISTING.schema.names)
    return row | {
        "record_id": at.to_bytes(16, "big"),
        "source": "made",
        "observed_at": datetime(2026, 1, 1, tzinfo=UTC),
        "marking": "",
        "delivery": bytes(32),
        "locator": str(at),
        "list_id": "MADE",
        "entity_id": f"MADE#{at}",
        "instrument": "MADE/1",
        "schema": "Person" if at % 3 else "Organization",
        "name": name,
        "names": names,
        "birth_dates": [f"19{40 + at % 50}-03-0{1 + at % 9}"],
        "identifiers": [],
        "countries": [],
    }


@pytest.fixture(scope="module")
def listings() -> pa.Table:
    return pa.Table.from_pylist([listed(at) for at in range(120)], schema=LISTING.schema)


def test_questions_are_the_same_every_time(listings):
    assert questions(listings, each=5, latin=20, other=10) == questions(listings, each=5, latin=20, other=10)


def test_no_entity_serves_both_halves(listings):
    asked = [q for q in questions(listings, each=30, latin=10, other=5) if q.truth]
    assert {q.half for q in asked} == set(HALVES)
    assert all(half_of(q.truth) == q.half for q in asked)


def test_unrelated_names_of_the_halves_differ(listings):
    asked = questions(listings, each=1, latin=200, other=50)
    development, test = (
        {q.name for q in asked if q.group == "unrelated" and q.half == half} for half in HALVES
    )
    assert development - test
    assert test - development


def test_every_kind_of_question_is_asked(listings):
    groups = {q.group for q in questions(listings, each=40, latin=20, other=20)}
    assert groups >= {*CHANGES, "original script", "original script, year", "weak alias", "other birth date"}
    assert groups >= {"unrelated", "benign collision", "year off by one", "day and month swapped"}


@given(seed=st.integers(0, 10_000), kind=st.sampled_from(sorted(CHANGES)))
@settings(max_examples=draws(200), deadline=None)
def test_a_change_gives_another_name_or_none(seed, kind):
    rng = random.Random(seed)
    base = f"{rng.choice(GIVEN)} {rng.choice(FAMILY)} {rng.choice(FAMILY)}"
    for schema in ("Person", "Organization"):
        name = CHANGES[kind](random.Random(seed), base, schema)
        assert name is None or same_words(name)


@given(st.text(max_size=60), st.integers(0, 99), st.sampled_from(sorted(CHANGES)))
@settings(max_examples=draws(300), deadline=None)
def test_a_change_takes_any_text(text, seed, kind):
    CHANGES[kind](random.Random(seed), text, "Person")


def test_changes_do_what_they_are_called():
    rng = random.Random(1)
    name = "Robert Ostermeyer Brundlefly"
    assert sorted(words(CHANGES["reorder"](rng, name, "Person"))) == sorted(words(name))
    assert len(words(CHANGES["joined"](rng, name, "Person"))) == 2
    assert len(words(CHANGES["split"](rng, name, "Person"))) == 4
    assert len(words(CHANGES["extra"](rng, name, "Person"))) == 4
    assert len(words(CHANGES["missing"](rng, name, "Person"))) == 2
    assert CHANGES["nickname"](rng, name, "Person").split()[0] in {"Bob", "Rob"}
    assert CHANGES["legal_form"](rng, name, "Person") is None
    assert CHANGES["legal_form"](rng, "Zhakov Holdings Limited", "Organization").startswith(
        "Zhakov Holdings L"
    )
    assert CHANGES["case_diacritics"](rng, name, "Person") != name


def test_the_rarest_word_stays():
    common = Counter({"ivan": 90, "ivanovich": 80, "zhakov": 2})
    assert has_rarest("Ivan Zhakov", "Ivan Ivanovich Zhakov", common)
    assert not has_rarest("Ivan Ivanovich", "Ivan Ivanovich Zhakov", common)


@pytest.mark.parametrize(
    ("text", "script"),
    [("Zhakov", "latin"), ("طارق", "arabic"), ("Жаков", "cyrillic"), ("王伟", "han"), ("김민", "hangul")],
)
def test_scripts(text, script):
    assert script_of(text) == script
    assert script_of(text + " 18") == script


def test_mixed_scripts_and_no_letters():
    assert script_of("Zhakov (Жаков)") == "mixed"
    assert script_of("764") == "none"


def test_latin_only_keeps_every_entity(listings):
    kept = latin_only(listings)
    assert kept.num_rows == listings.num_rows
    assert kept.schema == listings.schema
    assert not any("طارق" in n["text"] for names in kept["names"].to_pylist() for n in names)


def test_an_entity_on_two_lists_is_one(listings):
    rows = listings.to_pylist()
    assert len(list(distinct_entities(rows + rows))) == len(rows)


def test_namesakes_share_their_sound():
    assert sound("Zahra Heidari") == sound("HAIDARY, Zuhra")
    assert sound("حسین نظری") == sound("NAZARI, Hossein")
    assert sound("Wei Li") != sound("Wu Luo")


def test_plain_is_ascii():
    assert plain("Müller-Öst") == "muller ost"
    assert plain("Иван Жаков").isascii()
    assert plain("O'Brien") == "obrien"


@pytest.mark.parametrize("script", ["latin", "arabic", "cyrillic", "han", "hangul"])
def test_composed_names_are_in_their_script(script):
    names = distinct(persons(random.Random(3), script), 50)
    assert len({same_words(n.name) for n in names}) == 50
    assert {script_of(n.name) for n in names} == {script}


def test_the_stock_has_no_repeats():
    for script, traditions in stocks().items():
        for tradition, parts in traditions.items():
            for part, names in parts.items():
                repeats = [name for name, times in Counter(names).items() if times > 1]
                assert not repeats, f"{script}.{tradition}.{part}: {repeats}"


@pytest.mark.parametrize(
    ("kind", "day"),
    [
        ("other birth date", "1948-03-04"),
        ("year off by one", "1972"),
        ("day and month swapped", "1971-04-03"),
    ],
)
def test_birth_dates_near_and_far(kind, day):
    assert other_day("1971-03-04", kind) == day


def test_a_day_past_the_twelfth_has_no_swap():
    assert other_day("1971-03-14", "day and month swapped") is None


def test_about_a_hundred_benign_names():
    assert 95 <= len(benign()) <= 110
    assert len(set(benign())) == len(benign())


def test_hostile_names_are_large():
    assert max(map(len, hostile().values())) >= 65_536
    assert max(len(name.split()) for name in hostile().values()) >= 1_000


def test_the_cap_lets_through_its_share():
    judged = [
        (Question("development", "unrelated", ""), [Answer("a", score / 1_000)]) for score in range(1_000)
    ]
    assert alarms(judged, above(cap(judged, 0.003))) == pytest.approx(0.003)
    assert alarms(judged, above(cap(judged, 0.0))) == 0


def test_a_weak_hit_is_no_alarm():
    judged = [(Question("test", "unrelated", ""), [Answer("a", 1.0, "corroborate")])]
    assert alarms(judged, above(0.5)) == 0


def test_recall_wants_the_true_entity():
    judged = [
        (Question("test", "typo1", "", truth="a"), [Answer("a", 0.9)]),
        (Question("test", "typo1", "", truth="a"), [Answer("b", 0.9)]),
    ]
    assert recall(judged, above(0.5)) == 0.5
    assert len(pick(judged, "test", "typo1")) == 2
    assert not pick(judged, "development", "typo1")


def test_only_five_hits_count_each_entity_once():
    answers = best_by_entity([(key, score / 10) for score in range(10) for key in "abcdefg"], 0.8)
    assert [a.entity_id for a in answers] == list("abcde")
    assert {a.tier for a in answers} == {"match"}


def test_failures_never_tell_of_the_test_half(tmp_path):
    right = [Answer("a", 0.9, "match")]
    judged = [(Question(half, "typo1", f"{half} name", truth="b"), right) for half in HALVES]
    path = tmp_path / "failures.csv"
    failures.write(path, judged)
    text = path.read_text(encoding="utf-8")
    assert "development name" in text
    assert "test name" not in text


def test_what_counts_as_wrong():
    match, weak = [Answer("a", 0.9, "match")], [Answer("a", 0.9, "corroborate")]
    assert failures.wrong(Question("test", "unrelated", ""), match)
    assert not failures.wrong(Question("test", "unrelated", ""), weak)
    assert not failures.wrong(Question("test", "namesake", ""), match)
    assert failures.wrong(Question("test", "weak alias", "", truth="a"), match)
    assert not failures.wrong(Question("test", "weak alias", "", truth="a"), weak)
    assert failures.wrong(Question("test", "typo1", "", truth="a"), weak)


def test_composed_listings_are_rows_of_the_kind(listings):
    made = composed(listings, 25)
    assert made.schema == listings.schema
    assert len(set(made["entity_id"].to_pylist())) == 25
    assert made.equals(composed(listings, 25))
