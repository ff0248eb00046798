"""Manners of writing reports and of repeating them."""

from collections.abc import Callable
from random import Random

import numpy as np

Manner = Callable[[np.random.Generator, np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray], list]

WHO = "a man|a woman|two people|the driver|a couple|the passenger|a courier|the skipper".split("|")
DID = (
    "was seen loading|asked about|carried|collected|left behind|handed over|paid cash for|drove past with|"
    "argued over|photographed|returned for|hid"
).split("|")
WHAT = (
    "a blue cooler|several parcels|a wrapped bundle|a fuel can|two suitcases|a rental van|an inflatable boat|"
    "a stack of documents|a long case|three telephones|a heavy trailer|unmarked boxes"
).split("|")
WHERE = (
    "near the old ferry dock|behind the fuel station|at the boat ramp|by the rest area|on the gravel road|"
    "beside the warehouse|at the motel|close to the bridge|in the marina|at the truck stop"
).split("|")
HOW = "in haste|calmly|after dark|in heavy rain|with the lights off|before dawn|alone|on a call".split("|")
SWAPS = {
    "seen": "observed",
    "near": "close to",
    "several": "some",
    "parcels": "packages",
    "carried": "bore",
    "old": "former",
    "man": "male",
    "woman": "female",
    "heavy": "large",
    "dark": "nightfall",
    "collected": "picked up",
    "road": "track",
    "motel": "inn",
    "hid": "concealed",
    "alone": "unaccompanied",
}
PREFIXES = ("partner reports that", "according to a partner", "it is relayed that", "we have been told that")


def prose(random: Random) -> str:
    """What an officer might write: everyday words, and one or two details of this report alone."""
    parts = [random.choice(words) for words in (WHO, DID, WHAT, WHERE, HOW)]
    clock = f"at {random.randrange(24):02d}{random.randrange(60):02d}"
    mark = f"plate {random.choice('ABCDEFGH')}{random.randrange(100, 1000)} {random.choice('KLMNPR')}"
    return " ".join(parts + random.sample([clock, mark, f"about {random.randrange(2, 90)} kg"], 2))


def relayed(random: Random, text: str) -> str:
    """A light paraphrase: a prefix, other words for some, a word left out here and there."""
    words = [SWAPS.get(word, word) if random.random() < 0.7 else word for word in text.split()]
    return f"{random.choice(PREFIXES)} {' '.join(word for word in words if random.random() > 0.06)}"


def _written(repeat: Callable[[Random, str], str]) -> Manner:
    def texts(rng, subject, source, of, echo, report):
        del subject, source
        random = Random(int(rng.integers(2**32)))
        first = [prose(random) if said else None for said in report[~echo].tolist()]
        again = (repeat(random, first[k]) for k in of[echo].tolist())
        return first + list(again)

    return texts


def _form(of_source: bool) -> Manner:
    """All reports of a sensor read alike but for the subject's number; or all reports of everybody do."""

    def texts(rng, subject, source, of, echo, report):
        del rng, of, echo
        return [
            (
                f"automatic alert of system {k if of_source else 0}: subject {who} flagged for review"
                if said
                else None
            )
            for who, k, said in zip(subject.tolist(), source.tolist(), report.tolist(), strict=True)
        ]

    return texts


MANNERS: dict[str, Manner] = {
    "verbatim": _written(lambda _, text: text),
    "paraphrase": _written(relayed),
    "template": _form(of_source=True),
    "one template": _form(of_source=False),
}
"""Firsts in prose and echoes copied or reworded; or one form a sensor; or one form for all."""
