"""Accounts of a whole file."""

from contextlib import suppress
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.thorough import draws

from watchfloor.formats.base import FormatError
from watchfloor.formats.payments.account_table import load_accounts

SLOW = settings(
    deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=draws(100)
)
ACCOUNTS = (
    b"account_id,bank,holder,holder_type,opened,occupation,naics\n"
    b"007,X,H1,person,2020-01-31,baker,\n008,Y,H2,company,,,5221\n"
)


def loaded(path, data):
    (path / "a.csv").write_bytes(data)
    return load_accounts(path / "a.csv")


def test_what_a_bank_knows(tmp_path):
    table = loaded(tmp_path, ACCOUNTS)
    assert table.rows.to_pylist() == [
        {
            "account_id": "007",
            "bank": "X",
            "holder": "H1",
            "holder_type": "person",
            "occupation": "baker",
            "naics": None,
            "opened": date(2020, 1, 31),
        },
        {
            "account_id": "008",
            "bank": "Y",
            "holder": "H2",
            "holder_type": "company",
            "occupation": None,
            "naics": "5221",
            "opened": None,
        },
    ]
    assert (table.refused, table.received) == ((), 2)


def test_accounts_of_amlworld_say_their_type(tmp_path):
    table = loaded(
        tmp_path,
        b"Bank Name,Bank ID,Account Number,Entity ID,Entity Name\n"
        b"Portugal Bank #500,240522,82655C500,2AA,Sole Proprietorship #82502\nX,1,9,2AB,Direct\n",
    )
    assert table.rows["holder_type"].to_pylist() == ["sole proprietorship", None]
    assert table.rows["holder"].to_pylist() == ["2AA", "2AB"]


def test_answers_and_protected_columns_are_not_read(tmp_path):
    table = loaded(tmp_path, b"account_id,prior_sar_count,IS_SAR,nationality,race\n1,5,true,CA,x\n")
    assert table.rows.column_names == ["account_id"]
    assert "never read" in " ".join(table.notes)


def test_an_empty_account_and_one_that_comes_again_are_refused(tmp_path):
    table = loaded(tmp_path, b"account_id,bank\n1,X\n,X\n1,X\n1,Y\n")
    assert table.rows["account_id"].to_pylist() == ["1@X", "1@Y"]
    assert [(reason, number) for reason, number, _ in table.refused] == [
        ("no account", 1),
        ("an account that an earlier row describes", 1),
    ]
    assert table.refused[1].example.startswith("line 4: ")


def test_a_table_without_accounts_is_none(tmp_path):
    with pytest.raises(FormatError, match="no column of the account"):
        loaded(tmp_path, b"x,y\n1,2\n")


@SLOW
@given(data=st.data())
def test_damage_gives_a_table_or_a_format_error(tmp_path, data):
    damaged = bytearray(ACCOUNTS)
    for _ in range(data.draw(st.integers(0, 4))):
        damaged[data.draw(st.integers(0, len(ACCOUNTS) - 1))] = data.draw(st.integers(0, 255))
    with suppress(FormatError):
        table = loaded(tmp_path, bytes(damaged[: data.draw(st.integers(0, len(ACCOUNTS)))]))
        assert table.received == table.rows.num_rows + sum(number for _, number, _ in table.refused)
