"""The terms of a node: which words its markings may use, and who its readers are. `policy.toml` says them.

    [compartments.GAMMA]
    en = "joint operation GAMMA"
    fr = "opération conjointe GAMMA"

    [readers.okafor]
    protected = "PB"
    classified = "S"
    compartments = ["GAMMA"]
    role = "analyst"
    purposes = ["customs-enforcement"]

    [accounts]
    mokafor = "okafor"
    watch-desk = ["okafor", "singh"]

`caveats`, `owners`, `purposes` and `authorities` are tables like `compartments`; `coalitions` are words that
REL: may use for several `countries`. A floor without the file knows no words, and takes any but a country
that there is not; its readers are cleared to Protected B. `accounts` says who acts at the command line: the
account of the operating system is one reader, or any of several, whom WATCHFLOOR_USER names.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from typing import Any, Final, Literal, TypeVar, get_args

import msgspec

from watchfloor.core.countries import COUNTRIES, nearest_country, no_country
from watchfloor.core.marking import CLASSIFIED, PROTECTED, TLP, Marking
from watchfloor.core.messages import Language, Reason, declare, reason
from watchfloor.formats.settings import Settings, SettingsError, nearest, read_text
from watchfloor.policy.policy import Reader

NAME: Final = "policy.toml"
TEMPLATE: Final = "policy-template.toml"
"""What `watchfloor floor marking init` writes."""

T = TypeVar("T")
Role = Literal["analyst", "supervisor", "reviewer", "counsel"]
READS_ONLY: Final[frozenset[Role]] = frozenset({"reviewer"})
"""Roles that may look at everything they are cleared for, and write nothing."""

UNDEFINED = declare("release.undefined-word", "what_words", "word", "near")

NO_COUNTRY = declare("release.no-country", "word", "near")


class Word(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The meaning of a word of a marking, as the person who meets it reads it."""

    en: str
    fr: str

    def called(self, language: Language) -> str:
        """The text in a language."""
        return self.en if language == "en" else self.fr


class Coalition(Word, frozen=True, forbid_unknown_fields=True):
    """Countries that a marking names by one word, such as FVEY."""

    countries: tuple[str, ...]


class Person(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A reader as the file has it; `organisation` and `country` are the node's where they are left out.

    `purposes` and `authorities` are those that this person may state; none: those of the role.
    """

    protected: str = ""
    classified: str = ""
    tlp: str = TLP[-1]
    compartments: tuple[str, ...] = ()
    organisation: str = ""
    country: str = ""
    role: Role = "analyst"
    purposes: tuple[str, ...] = ()
    authorities: tuple[str, ...] = ()


class RoleTerms(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Purposes and authorities that a role may state, where nothing is said of the person; none: all of the
    policy's.
    """

    purposes: tuple[str, ...] = ()
    authorities: tuple[str, ...] = ()


Words = Mapping[str, Word]
Named = str | tuple[str, ...]


class Terms(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A policy file.

    Attributes:
        compartments: by the word that markings use; so too the next four.
        coalitions: words of REL: for the countries that they have.
        caveats: the text is shown with what carries the caveat.
        owners: organisations whose consent a further disclosure may need.
        purposes: what a row may be used for, and what a reader may state.
        authorities: the laws that this node works under.
        readers: by the name that the log has.
        roles: what may be stated by role.
        accounts: of the operating system, and the reader or readers that each may act as; empty: any account
            may act as any reader.
    """

    compartments: Words = {}
    coalitions: Mapping[str, Coalition] = {}
    caveats: Words = {}
    owners: Words = {}
    purposes: Words = {}
    authorities: Words = {}
    readers: Mapping[str, Person] = {}
    roles: Mapping[str, RoleTerms] = {}
    accounts: Mapping[str, Named] = {}

    def statable(self, what: Literal["purposes", "authorities"], name: str) -> Words:
        """Return the purposes or authorities that a reader may state; none: the policy lists none, so any.

        Raises:
            KeyError: the policy names nobody so.
        """
        person, words = self.readers[name], getattr(self, what)
        role = self.roles.get(person.role, RoleTerms())
        only = getattr(person, what) or getattr(role, what)
        return {word: says for word, says in words.items() if not only or word in only}

    def acts_as(self, account: str) -> tuple[str, ...]:
        """Name the readers that an account of the operating system may act as; none of one not mapped."""
        named = self.accounts.get(account, ())
        return (named,) if isinstance(named, str) else named

    def reader(self, reader: Reader) -> Reader:
        """A reader as the file has it, by name; it belongs to its node where the file says nothing else.

        Raises:
            KeyError: the policy names nobody so.
        """
        one = self.readers[reader.name]
        country = one.country or reader.country
        return replace(
            reader,
            country=country,
            coalitions=frozenset(word for word, of in self.coalitions.items() if country in of.countries),
            organisation=one.organisation or reader.organisation,
            protected=PROTECTED.index(one.protected),
            classified=CLASSIFIED.index(one.classified),
            tlp=TLP.index(one.tlp),
            compartments=frozenset(one.compartments),
        )

    def undefined(self, marking: Marking) -> Reason | None:
        """The first word of a marking that the policy does not define; None where it defines all."""
        if wrong := sorted((marking.release or frozenset()) - COUNTRIES - self.coalitions.keys()):
            return reason(NO_COUNTRY, word=wrong[0], near=nearest_country(wrong[0]))
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

    def caveat_texts(self, marking: Marking, language: Language) -> list[str]:
        """Return the sentences of a marking's caveats, in their order."""
        return [self.caveats[word].called(language) for word in sorted(marking.caveats & self.caveats.keys())]


def differences(old: Terms, new: Terms) -> list[str]:
    """Return the keys that two policies have otherwise, such as `readers.okafor.protected`."""
    found = []
    for table in Terms.__struct_fields__:
        was, now = getattr(old, table), getattr(new, table)
        for name in sorted(was.keys() | now.keys()):
            if name not in was or name not in now or table == "accounts":
                found += [f"{table}.{name}"] if was.get(name) != now.get(name) else []
            else:
                keys = type(was[name]).__struct_fields__
                pairs = ((key, getattr(was[name], key), getattr(now[name], key)) for key in keys)
                found += [f"{table}.{name}.{key}" for key, one, other in pairs if one != other]
    return found


def undefined(terms: Terms | None, marking: Marking) -> Reason | None:
    """The first word of a marking that means nothing on a floor: without a policy, a country that is none."""
    return (terms or Terms()).undefined(marking if terms else Marking(release=marking.release))


def load(floor: Path) -> Terms | None:
    """The policy of a floor; None where it has none. Raises `SettingsError`."""
    path = floor / NAME
    try:
        text = read_text(path)
    except FileNotFoundError:
        return None
    return _read_again(text, str(path))


def digest(floor: Path) -> str:
    """Return the SHA-256 of a floor's policy in hexadecimal; empty where its folder has none."""
    try:
        return sha256((floor / NAME).read_bytes()).hexdigest()
    except FileNotFoundError:
        return ""


def template() -> str:
    """A policy to begin with, with each word explained."""
    return (files(__package__) / TEMPLATE).read_text("utf-8")


def read(text: str, name: str) -> Terms:
    """A policy from its text. Raises `SettingsError`, which names file, line, key and the nearest word."""
    file = Settings(text, name)
    for table in file.values.keys() - set(Terms.__struct_fields__):
        near = nearest(table, Terms.__struct_fields__)
        raise file.wrong((table,), f"there is no such setting{near}")
    tables = Terms.__struct_fields__
    terms = Terms(**{table: dict(_entries(file, table, _ENTRY.get(table, Word))) for table in tables})
    for keys, problem in _problems(terms):
        raise file.wrong(keys, problem)
    return terms


_ENTRY: Final[Mapping[str, Any]] = {
    "readers": Person,
    "coalitions": Coalition,
    "roles": RoleTerms,
    "accounts": Named,
}
"""What an entry of a table is, where it is no `Word`."""


def check_usable(terms: Terms, name: str, setter: str | None = None) -> None:
    """Whether a floor under this policy can be worked on.

    Args:
        terms: the policy.
        name: of the file, for the sentences.
        setter: who sets it; None: nobody does yet.

    Raises:
        SettingsError: it names no reader who may write, or not who sets it.
    """
    if not {one.role for one in terms.readers.values()} - READS_ONLY:
        raise SettingsError(
            f"{name} names no reader who may write, so nobody could work on its floor; "
            'add one: [readers.NAME] with role = "supervisor", who may also change the policy'
        )
    if setter is not None and setter not in terms.readers:
        near = nearest(setter, terms.readers)
        raise SettingsError(
            f"{name} does not name you, {setter!r}, and would shut you out{near}. Add [readers.{setter}], "
            "or say with WATCHFLOOR_USER who you are"
        )


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
    for table in ("compartments", "coalitions", "caveats", "owners", "purposes"):
        for word in getattr(terms, table):
            if not word.strip() or word != word.strip() or set(word) & {",", "/", ":"}:
                yield (table, word), "no word of a marking has a comma, a slash, a colon or blanks around it"
    for name, coalition in terms.coalitions.items():
        for country in set(coalition.countries) - COUNTRIES:
            yield ("coalitions", name, "countries"), no_country(country)
    for role, said in terms.roles.items():
        if role not in get_args(Role):
            yield ("roles", role), f"{role!r} is no role{nearest(role, get_args(Role))}"
        yield from _wrong_statable(terms, ("roles", role), said)
    for name, one in terms.readers.items():
        yield from _wrong_statable(terms, ("readers", name), one)
        yield from _wrong_reader(terms, ("readers", name), one)
    for account in terms.accounts:
        for name in terms.acts_as(account):
            if name not in terms.readers:
                near = nearest(name, terms.readers)
                yield ("accounts", account), f"this policy names no reader {name!r}{near}"


def _wrong_reader(terms: Terms, at: tuple[str, ...], one: Person) -> Iterator[Problem]:
    for key, levels in (("protected", PROTECTED), ("classified", CLASSIFIED), ("tlp", TLP)):
        if (level := getattr(one, key)) not in levels:
            yield (*at, key), f"{level!r} is no level{nearest(level, filter(None, levels))}"
    for word in one.compartments:
        yield from _wrong_word((*at, "compartments"), word, "compartment", terms.compartments)
    if one.organisation and terms.owners:
        yield from _wrong_word((*at, "organisation"), one.organisation, "owner", terms.owners)
    if one.country and one.country not in COUNTRIES:
        yield (*at, "country"), no_country(one.country)


def _wrong_statable(terms: Terms, at: tuple[str, ...], one: Person | RoleTerms) -> Iterator[Problem]:
    for key, what in (("purposes", "purpose"), ("authorities", "authority")):
        for word in getattr(one, key):
            yield from _wrong_word((*at, key), word, what, getattr(terms, key))


def _wrong_word(at: tuple[str, ...], word: str, what: str, known: Words) -> Iterator[Problem]:
    if word not in known:
        near = nearest(word, known) if known else "; it defines none"
        yield at, f"{word!r} is no {what} of this policy{near}"
