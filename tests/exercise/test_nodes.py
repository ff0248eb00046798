"""An exercise of nodes: each has its own, the storylines are in parts, and nothing is in two places."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.thorough import draws

from watchfloor.core.subjects import parts, subject
from watchfloor.exercise.banks import BANKS, at, bank_of, bank_of_key
from watchfloor.exercise.cast import Cast, keys
from watchfloor.exercise.feeds import feeds
from watchfloor.exercise.nodes import CELL, CENTRE, NODES, make
from watchfloor.exercise.plots import proceeds_ring
from watchfloor.exercise.plots.hidden_load import NAME, SUBSTANCES
from watchfloor.feeds import config
from watchfloor.formats.registry import FORMATS
from watchfloor.policy.institutions import INSTITUTIONS
from watchfloor.reference import controls

MONEY = ("reporting-entity", "financial-intelligence-unit")


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return make(tmp_path_factory.mktemp("nodes") / "exercise", seed=3, scale=0.3)


def files(root):
    return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def test_the_same_seed_gives_the_same_bytes_and_another_gives_others(made, tmp_path):
    again = make(tmp_path / "again", seed=3, scale=0.3)
    other = make(tmp_path / "other", seed=4, scale=0.3)
    assert files(made.root) == files(again.root)
    assert files(made.root)["bank-a/feeds/ledger-a.csv"] != files(other.root)["bank-a/feeds/ledger-a.csv"]


def test_each_institution_has_its_own_feeds_and_nothing_of_another_s(made):
    names = [feed.name for node in NODES for feed in node.feeds]
    assert len(names) == len(set(names))
    assert all(node.institution in INSTITUTIONS for node in NODES)
    for node in NODES:
        configured = config.read(made.settings(node.name))
        assert set(configured.by_name) == {feed.name for feed in node.feeds}
        found = {path.stem for path in made.feeds(node.name).glob("*.csv")}
        assert found == {feed.name for feed in node.feeds} - {"reports"}


def test_an_exercise_on_one_floor_has_none_of_these_feeds():
    own = {feed.name for node in NODES if node.name != CELL for feed in node.feeds}
    assert not own & feeds().keys()


def test_every_table_reads_back_without_a_fault(made):
    for node in NODES:
        for path in made.feeds(node.name).glob("*.csv"):
            form = config.read(made.settings(node.name)).feed(path.stem).format
            with path.open("rb") as stream:
                pieces = list(FORMATS[form].read(stream, path.name))
            assert not [piece for piece in pieces if hasattr(piece, "reason")]
            assert sum(one.rows.num_rows for one in pieces) == len(made.rows[node.name][path.stem])


def test_the_storyline_is_in_four_places_and_each_has_its_own_part(made):
    (line,) = [one for one in made.answers.storylines if one.name == NAME]
    told = {feed: of for node in made.rows.values() for feed, of in node.items()}
    mine = {feed: [row for row in rows if row.report_key in line.records] for feed, rows in told.items()}
    of_its_bank = {f"{feed}-a" for feed in ("ledger", "customers", "accounts")}
    elsewhere = {feed for node in NODES if node.institution not in MONEY for feed in made.rows[node.name]}
    assert {feed for feed, rows in mine.items() if rows} == of_its_bank | elsewhere
    assert sum(row.seen.says["amount"] for row in mine["ledger-a"]) >= 10_000
    assert all(row.seen.says["amount"] < 10_000 for row in mine["ledger-a"])
    assert mine["scales"][0].seen.says["mass"] / 1000 > mine["declarations"][0].seen.says["mass"] + 0.5
    assert [row.seen.says["level"] for row in mine["bench"]] == ["presumptive", "identified"]
    (company,) = {row.seen.says["subject"] for row in mine["orders"]}
    assert min(row.seen.act.at for row in mine["orders"]) > max(row.seen.act.at for row in mine["ledger-a"])
    assert company == mine["declarations"][0].seen.says["importer"]
    assert {row.seen.says["payee"] for row in mine["ledger-a"]} <= set(line.subjects)


def test_the_ring_is_at_six_banks_and_no_payment_between_two_is_at_a_third(made):
    (line,) = [one for one in made.answers.storylines if one.name == proceeds_ring.NAME]
    at = {}
    for bank in BANKS:
        rows = made.rows[bank][f"ledger-{bank[-1]}"]
        cash = [one for one in rows if one.report_key in line.records and one.seen.says["means"] == "cash"]
        assert len(cash) == proceeds_ring.DEPOSITS
        assert {bank_of_key(one.seen.says["payee"]) for one in cash} == {bank}
        for one in rows:
            at.setdefault(one.report_key, []).append((bank, one.seen.says))
    for seen in at.values():
        sides = {bank_of_key(seen[0][1].get("payer")), bank_of_key(seen[0][1]["payee"])} - {""}
        assert {bank for bank, _ in seen} == sides
        assert all(says == seen[0][1] for _, says in seen)  # both banks have the same payment
    ring = [seen[0][1] for key, seen in at.items() if key in line.records and len(seen) > 1]
    assert len(ring) == 9 + 2 * len(BANKS)
    abroad = {one["payee"] for (_, one), *_ in at.values() if one["means"] == "wire"}
    assert len(abroad) == 1
    assert abroad <= set(line.subjects)


def test_the_centre_is_told_of_the_ring_and_of_nothing_else(made):
    (line,) = [one for one in made.answers.storylines if one.name == proceeds_ring.NAME]
    rows = [row for of_feed in made.rows[CENTRE].values() for row in of_feed]
    assert rows
    assert {row.report_key for row in rows} <= set(line.records)
    assert not any(row.report_key.startswith("uetr:") for row in rows)  # numbers of its own


def test_an_account_is_at_the_bank_that_keeps_it_and_one_abroad_at_none():
    cast = Cast(1)
    for bank in BANKS:
        party = at(cast, cast.person(), bank)
        (key,) = keys(party.account)
        assert bank_of(party.account) == bank_of_key(key) == bank
    assert bank_of(cast.foreign_account()) == bank_of(None) == bank_of_key("account:iban:DE001") == ""


def test_only_the_storyline_is_true(made):
    assert [one.name for one in made.answers.true] == [NAME, proceeds_ring.NAME]


def test_what_is_found_is_controlled():
    known = {one.cas: one.schedule for one in controls.controls()}
    assert {known.get(cas) for cas in SUBSTANCES} == {"I"}


@settings(max_examples=draws(50), deadline=None)
@given(st.integers(0, 2**32))
def test_a_business_number_is_right_and_no_company_s(seed):
    company = Cast(seed).importer()
    (key,) = keys(company.business)
    assert subject(*parts(key)) == key
    assert parts(key)[2].startswith("0")


def test_a_folder_that_holds_something_is_refused(made):
    with pytest.raises(FileExistsError, match="name a new folder"):
        make(made.root)
    with pytest.raises(ValueError, match="not positive"):
        make(made.root / "x", scale=0)
