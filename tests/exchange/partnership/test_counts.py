import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.exchange.nodes import NOW, WHO
from tests.exchange.partnership.banks import CODE, banks, peer, stated
from tests.refusals import refused

from watchfloor.core.extras import MissingExtraError
from watchfloor.exchange.partnership import codes, counts
from watchfloor.exchange.partnership.code import read
from watchfloor.formats.base import FormatError

CODE_ = read(CODE)
TERMS = CODE_.file.counts
CELLS = (*TERMS.corridors, *TERMS.typologies)
ALL = {f"account:test:{n}": frozenset({"CA-CN"}) for n in range(200)}


def make(here, there, cells=ALL, period="2026-10"):
    with here.writer(WHO) as writer:
        code = codes.standing(here)
        return counts.make(here, writer, peer(here, there), code, period, cells, stated("counts"), NOW)


SUBJECTS = st.dictionaries(
    st.integers(0, 30).map(str), st.frozensets(st.sampled_from((*CELLS, "XX-YY"))), max_size=12
)


@given(SUBJECTS, st.binary(min_size=32, max_size=32))
def test_without_one_subject_the_counts_change_by_no_more_than_the_bound(cells, key):
    whole = counts.counted(cells, TERMS, key)
    assert set(whole) == set(CELLS)
    for one in cells:
        less = counts.counted({k: v for k, v in cells.items() if k != one}, TERMS, key)
        assert 0 <= sum(whole.values()) - sum(less.values()) <= TERMS.contribution
        assert all(0 <= whole[cell] - less[cell] <= 1 for cell in CELLS)


def test_the_noise_is_that_of_its_scale_and_costs_what_the_code_says():
    exact = dict.fromkeys(map(str, range(2000)), 100)
    noisy, epsilon, scale = counts.noised(exact, TERMS)
    off = np.array(list(noisy.values())) - 100
    assert epsilon == pytest.approx(TERMS.epsilon)
    assert scale == TERMS.contribution / TERMS.epsilon
    assert np.abs(off).mean() == pytest.approx(scale, rel=0.15)
    assert abs(off.mean()) < scale / 5
    assert (np.abs(off) <= scale * math.log(20)).mean() == pytest.approx(0.95, abs=0.03)


def test_a_table_goes_signed_and_is_read_by_whom_it_is_for(tmp_path):
    a, b = banks(tmp_path)
    made = make(a, b)
    table, sender = counts.read(b, made.text.encode(), "x")
    assert (table, sender.name) == (made.table, "bank-a")
    assert abs(table.cells["CA-CN"] - 200) < 60
    assert (made.spent, made.again) == (0.5, False)
    assert table.within == pytest.approx(4 * math.log(20))


def test_small_counts_are_withheld_after_noise(tmp_path):
    a, b = banks(tmp_path)
    made = make(a, b)
    (act,) = a.acts_of("counted")
    for cell, number in act.detail["cells"].items():
        assert made.table.cells[cell] == (number if number >= 20 else None)
    (gone,) = a.acts_of("disclosed")
    assert (gone.detail["gateway"], gone.detail["forms"]["counts"]) == (
        "partnership-counts",
        sum(one is not None for one in made.table.cells.values()),
    )


def test_the_same_month_is_drawn_once_whoever_it_is_for(tmp_path):
    a, b, c = banks(tmp_path, "bank-a", "bank-b", "bank-c")
    first, second = make(a, b), make(a, c, cells={})
    assert first.table.cells == second.table.cells
    assert second.again
    assert (len(a.acts_of("counted")), second.spent) == (1, 0.5)


def test_a_month_is_spent_when_its_epsilon_is(tmp_path):
    a, b = banks(tmp_path)
    make(a, b)
    for version in ("1.1", "1.2"):
        for one in (a, b):
            codes.adopt(one, WHO, CODE.replace('"1.0"', f'"{version}"'), "code.toml")
        if version == "1.1":
            assert make(a, b).spent == 1.0
    spent = refused("partnership.epsilon-spent", make, a, b)
    assert (spent["spent"], spent["most"]) == ("1", "1")
    assert make(a, b, period="2026-11").spent == 0.5


def test_what_the_code_does_not_name_is_refused(tmp_path):
    a, b = banks(tmp_path)
    text = "subject,cell\naccount:test:1,CA-CN\naccount:test:1,CA-FR\n"
    assert refused("partnership.other-cell", counts.of_file, text, CODE_)["cell"] == "CA-FR"
    assert counts.of_file("subject,cell\na,CA-CN\na,CA-HK\n", CODE_) == {"a": frozenset({"CA-CN", "CA-HK"})}
    with pytest.raises(FormatError, match="write a month"):
        make(a, b, period="2026-13")
    bare = CODE[: CODE.index("[counts]")]
    refused("partnership.no-counts", counts.of_file, text, read(bare))
    for one in (a, b):
        codes.adopt(one, WHO, bare, "code.toml")
    refused("partnership.no-counts", make, a, b)


def test_noisy_counts_want_no_approved_code_but_one_in_force(tmp_path):
    start, end = CODE.index("[approval]"), CODE.index("[caps]")
    a, b = banks(tmp_path, code=CODE[:start] + CODE[end:])
    assert make(a, b).text
    codes.adopt(a, WHO, CODE.replace("expires = 2031-08-31", "expires = 2026-11-01"), "code.toml")
    refused("partnership.code-expired", make, a, b)


def test_a_forged_table_or_one_for_another_is_refused(tmp_path):
    a, b, c = banks(tmp_path, "bank-a", "bank-b", "bank-c")
    text = make(a, b).text
    refused("partnership.for-another", counts.read, c, text.encode(), "x")
    refused("partnership.forged", counts.read, b, text.replace("2026-10", "2026-11").encode(), "x")
    refused("partnership.forged", counts.read, b, b"{}", "x")


def test_a_machine_without_opendp_says_what_to_install(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "opendp.prelude", None)
    with pytest.raises(MissingExtraError) as caught:
        counts.noised({"a": 1}, TERMS)
    assert caught.value.reason.params == {"library": "opendp", "extra": "partnership"}


def test_of_a_floor_count_a_months_payments_by_corridor(tmp_path):
    from tests.exchange.nodes import READER, assert_, keep, signal

    from watchfloor.core.kinds import PAYMENT

    a, _ = banks(tmp_path)
    plain = {"observed_at": NOW.replace(month=10), "marking": "PB//TLP:AMBER", "locator": "1", "origins": []}
    plain |= {
        "source": "core",
        "amount": 5,
        "currency": "CAD",
        "means": "wire",
        "payer_seat": "CA",
        "facts": [],
    }
    rows = [
        plain | {"report_key": "1", "payer": "account:test:1", "payee": "account:test:2", "payee_seat": "CN"},
        plain | {"report_key": "2", "payer": "account:test:1", "payee": "account:test:3", "payee_seat": "CN"},
        plain | {"report_key": "3", "payer": "account:test:1", "payee": "account:test:4", "payee_seat": "FR"},
        plain | {"report_key": "4", "payer": "account:test:9", "payee_seat": "CN", "observed_at": NOW},
        plain | {"report_key": "5", "payer": "account:test:8", "payee_seat": "CN", "source": "node:bank-b"},
    ]
    ids = keep(a, rows, PAYMENT)
    october = NOW.replace(month=10)
    assert_(a, [signal(a, 1, ids[:1], rule="placement.smurfing", subjects=["account:test:1"], at=october)])
    found = counts.of_floor(a, READER, CODE_, "2026-10")
    assert found == {
        "account:test:1": frozenset({"CA-CN", "placement.smurfing"}),
        "account:test:2": frozenset({"CA-CN"}),
        "account:test:3": frozenset({"CA-CN"}),
    }
