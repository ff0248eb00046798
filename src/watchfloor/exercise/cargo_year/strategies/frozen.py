"""The frozen settings of the strategies, and their digest."""

import hashlib
from importlib.resources import files
from typing import Final

import msgspec

FILE: Final = "frozen.toml"


class Trees(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How LightGBM grows its trees; the names are its own."""

    rounds: int
    learning_rate: float
    num_leaves: int
    min_data_in_leaf: int
    bagging_fraction: float
    feature_fraction: float
    lambda_l2: float


class Choice(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How ours spends its budget, and how many fits it averages."""

    uncertain: float
    at_random: float
    members: int


class Frozen(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All of them, see the file."""

    quota: float
    members: int
    width: float
    trees: Trees
    ours: Choice
    ours_trees: Trees


def stored() -> bytes:
    """The file as it is."""
    return (files(__package__) / FILE).read_bytes()


def read() -> Frozen:
    """The settings."""
    return msgspec.toml.decode(stored(), type=Frozen)


def digest() -> str:
    """SHA-256 of the file, in hexadecimal."""
    return hashlib.sha256(stored()).hexdigest()
