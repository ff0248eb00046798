"""Words of tables of payments: what columns, means and currencies are called, from `vocabulary.toml`."""

from functools import cache
from pathlib import Path

import msgspec


class Words(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """For each word of ours what it is called: columns of payments and of accounts, means, currencies."""

    columns: dict[str, list[str]]
    accounts: dict[str, list[str]]
    means: dict[str, list[str]]
    currencies: dict[str, list[str]]


@cache
def words() -> Words:
    """The words, read once."""
    path = Path(__file__).with_name("vocabulary.toml")
    return msgspec.toml.decode(path.read_bytes(), type=Words)
