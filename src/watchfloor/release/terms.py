"""The terms of a node: which words its markings may use, and who its readers are. `policy.toml` says them.

    [compartments.GAMMA]
    en = "joint operation GAMMA"
    fr = "opération conjointe GAMMA"

    [readers.okafor]
    protected = "PB"
    classified = "S"
    compartments = ["GAMMA"]
    role = "analyst"

`caveats`, `owners`, `purposes` and `authorities` are tables like `compartments`. A floor without the file
knows no words, and takes any; its readers are cleared to Protected B.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Final, Literal, TypeVar

import msgspec

from watchfloor.formats.settings import Settings, SettingsError, nearest
from watchfloor.records.marking import CLASSIFIED, PROTECTED, TLP, Marking
from watchfloor.records.messages import Language, Reason, declare, reason
from watchfloor.release.policy import Reader

NAME: Final = "policy.toml"
TEMPLATE: Final = "policy-template.toml"
"""What `watchfloor marking init` writes."""

T = TypeVar("T")
Role = Literal["analyst", "supervisor", "reviewer", "counsel"]
READS_ONLY: Final[frozenset[Role]] = frozenset({"reviewer"})
"""Roles that may look at everything they are cleared for, and write nothing."""

UNDEFINED = declare(
    "release.undefined-word",
    en="its marking names the {what_words} {word!r}, which the node's policy does not define{near}",
    fr="sa cote donne {word!r} ({what_words}), que la politique du nœud ne définit pas{near}",
)


class Word(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a word of a marking means, as the person who meets it reads it."""

    en: str
    fr: str

    def called(self, language: Language) -> str:
        """The text in a language."""
        return self.en if language == "en" else self.fr


class Person(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A reader as the file has it; `organisation` and `country` are the node's where they are left out."""

    protected: str = ""
    classified: str = ""
    tlp: str = TLP[-1]
    compartments: tuple[str, ...] = ()
    organisation: str = ""
    country: str = ""
    role: Role = "analyst"


Words = Mapping[str, Word]


class Terms(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A policy file.

    Attributes:
        compartments: by the word that markings use; so too the next three.
        caveats: the text is shown with what carries the caveat.
        owners: organisations whose consent a further disclosure may need.
        purposes: what a row may be used for, and what a reader may state.
        authorities: the laws that this node works under.
        readers: by the name that the log has.
    """

    compartments: Words = {}
    caveats: Words = {}
    owners: Words = {}
    purposes: Words = {}
    authorities: Words = {}
    readers: Mapping[str, Person] = {}

    def reader(self, reader: Reader) -> Reader:
        """A reader as the file has it, by name; it belongs to its node where the file says nothing else.

        Raises:
            KeyError: the policy names nobody so.
        """
        one = self.readers[reader.name]
        return replace(
            reader,
            country=one.country or reader.country,
            organisation=one.organisation or reader.organisation,
            protected=PROTECTED.index(one.protected),
            classified=CLASSIFIED.index(one.classified),
            tlp=TLP.index(one.tlp),
            compartments=frozenset(one.compartments),
        )

    def undefined(self, marking: Marking) -> Reason | None:
        """The first word of a marking that the policy does not define; None where it defines all."""
        for what, known, used in (
            ("compartment", self.compartments, marking.compartments),
            ("caveat", self.caveats, marking.caveats),
            ("owner", self.owners, marking.originators),
            ("purpose", self.purposes, marking.purposes or frozenset()),
        ):
            for word in sorted(used - known.keys()):
                near = nearest(word, known) if known else ""
                return reason(UNDEFINED, what_words=what, word=word, near=near)
        return None

    def told(self, marking: Marking, language: Language) -> list[str]:
        """What the caveats of a marking say, in their order."""
        return [self.caveats[word].called(language) for word in sorted(marking.caveats & self.caveats.keys())]


def load(floor: Path) -> Terms | None:
    """The policy of a floor; None where it has none. Raises `SettingsError`."""
    path = floor / NAME
    try:
        text = path.read_text("utf-8-sig")
    except FileNotFoundError:
        return None
    except UnicodeDecodeError as error:
        raise SettingsError(f"{path} is no UTF-8 text; save it as one") from error
    return _read_again(text, str(path))


def template() -> str:
    """A policy to begin with, with each word explained."""
    return (files(__package__) / TEMPLATE).read_text("utf-8")


def read(text: str, name: str) -> Terms:
    """A policy from its text. Raises `SettingsError`, which names file, line, key and the nearest word."""
    file = Settings(text, name)
    for table in file.values.keys() - set(Terms.__struct_fields__):
        near = nearest(table, Terms.__struct_fields__)
        raise file.wrong((table,), f"there is no such setting{near}")
    terms = Terms(
        **{
            table: dict(_entries(file, table, Word))
            for table in Terms.__struct_fields__
            if table != "readers"
        },
        readers=dict(_entries(file, "readers", Person)),
    )
    for keys, problem in _problems(terms):
        raise file.wrong(keys, problem)
    return terms


def _entries(file: Settings, table: str, of: type[T]) -> Iterator[tuple[str, T]]:
    """The entries of a table, each read for itself, so that an error names it."""
    entries = file.values.get(table, {})
    if not isinstance(entries, dict):
        raise file.wrong((table,), f"is a table: [{table}.NAME]")
    for key, value in entries.items():
        yield key, file.convert(value, of, (table, key))


_read_again = lru_cache(maxsize=8)(read)


Problem = tuple[tuple[str, ...], str]


def _problems(terms: Terms) -> Iterator[Problem]:
    for table in ("compartments", "caveats", "owners", "purposes"):
        for word in getattr(terms, table):
            if not word.strip() or word != word.strip() or set(word) & {",", "/", ":"}:
                yield (table, word), "no word of a marking has a comma, a slash, a colon or blanks around it"
    for name, one in terms.readers.items():
        yield from _wrong_reader(terms, ("readers", name), one)


def _wrong_reader(terms: Terms, at: tuple[str, ...], one: Person) -> Iterator[Problem]:
    for key, levels in (("protected", PROTECTED), ("classified", CLASSIFIED), ("tlp", TLP)):
        if (level := getattr(one, key)) not in levels:
            yield (*at, key), f"{level!r} is no level{nearest(level, filter(None, levels))}"
    for word in one.compartments:
        yield from _wrong_word((*at, "compartments"), word, "compartment", terms.compartments)
    if one.organisation and terms.owners:
        yield from _wrong_word((*at, "organisation"), one.organisation, "owner", terms.owners)
    if one.country and not is_country(one.country):
        yield (*at, "country"), f"{one.country!r} is no country; write three letters such as CAN (ISO 3166-1)"


def _wrong_word(at: tuple[str, ...], word: str, what: str, known: Words) -> Iterator[Problem]:
    if word not in known:
        near = nearest(word, known) if known else "; it defines none"
        yield at, f"{word!r} is no {what} of this policy{near}"


def is_country(text: str) -> bool:
    """Whether a text has the form of an ISO 3166-1 alpha-3 code."""
    return len(text) == 3 and text.isascii() and text.isalpha() and text.isupper()
