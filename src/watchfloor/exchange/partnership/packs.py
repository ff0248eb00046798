"""Packs of typologies (T0): signed, versioned definitions without anything about a person.

What a partnership may share today. A pack is made for named recipients through the gateway
`partnership-pack`, installed where its maker is a peer, superseded by a later version of the same maker, and
expires on its day.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time
from functools import cache
from pathlib import Path
from typing import Any, Final, NamedTuple

import msgspec
from phonenumbers import Leniency, PhoneNumberMatcher
from stdnum import casrn

from watchfloor.cell.acts import nonempty, refuse
from watchfloor.core.subjects import TYPES
from watchfloor.exchange.bundles.peers import Peer, me
from watchfloor.exchange.partnership import lawful, papers
from watchfloor.exchange.partnership import refusals as say
from watchfloor.exchange.partnership.fields import telling
from watchfloor.formats.lists.countries import territory_names
from watchfloor.formats.settings import read_text
from watchfloor.policy.gateways import Statement
from watchfloor.store.floor import Floor
from watchfloor.store.log import Actor, digest_of
from watchfloor.store.log.notes import signed_json
from watchfloor.store.writer import Writer

FORMAT: Final = 1
MOST: Final = 500
"""Typologies of one pack."""


class Pack(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A pack as it is signed; why the gateway's test is met, and who says so, stays in the maker's log.

    Attributes:
        what: says that it is one.
        format: of packs.
        name: of small letters, digits and -.
        version: numbers with dots; later ones supersede earlier ones.
        maker: name of the node that signs.
        made: the day.
        expires: the last day on which it is used.
        supersedes: names of other packs of the maker that it takes the place of.
        typologies: text of each definition, by its file's name.
    """

    what: str
    format: int
    name: str
    version: str
    maker: str
    made: date
    expires: date
    supersedes: tuple[str, ...]
    typologies: dict[str, str]

    def ids(self) -> list[str]:
        """Ids of its typologies."""
        return sorted(_id(text) for text in self.typologies.values())


class Installed(NamedTuple):
    """A pack that was installed here.

    Attributes:
        pack: it.
        since: the day.
        superseded: name and version of the pack that took its place; empty while none has.
        retired: why it was retired here; empty while it was not.
    """

    pack: Pack
    since: date
    superseded: str = ""
    retired: str = ""

    def stands(self, on: date) -> bool:
        """Whether its typologies are used on a day."""
        return not self.superseded and not self.retired and on <= self.pack.expires


def check(folder: Path) -> tuple[dict[str, str], list[str]]:
    """The definitions of a folder by file, and what keeps them from being a pack."""
    texts = {path.name: read_text(path) for path in sorted(folder.glob("*.toml"))}
    return texts, wrong(texts)


def wrong(texts: Mapping[str, str]) -> list[str]:
    """Say what keeps definitions from being a pack."""
    found = [one for name, text in texts.items() for one in problems(text, name)]
    found += [f"{name!r} is no name of a file" for name in texts if not _FILE.fullmatch(name)]
    if not 1 <= len(texts) <= MOST:
        found.append(f"there are {len(texts)} definitions, and a pack has 1 to {MOST}")
    if not found and len({_id(text) for text in texts.values()}) < len(texts):
        found.append("two definitions have one id")
    return found


def make(
    floor: Floor,
    writer: Writer,
    recipients: Sequence[Peer],
    texts: Mapping[str, str],
    name: str,
    version: str,
    expires: date,
    supersedes: Sequence[str],
    stated: Statement,
    now: datetime,
) -> str:
    """Sign a pack for some peers; gives its text.

    Raises:
        Refusal: it holds what no definition of a typology has.
        watchfloor.policy.gateways.Refusal: the gateway does not lead to one of the peers.
    """
    today = now.astimezone(UTC).date()
    _refuse_wrong(wrong(texts), name, version)
    permits = [lawful.permit(floor, peer, "pack", stated, today) for peer in recipients]
    pack = Pack(
        what="typology-pack",
        format=FORMAT,
        name=name,
        version=version,
        maker=me(floor).name,
        made=today,
        expires=expires,
        supersedes=tuple(supersedes),
        typologies=dict(texts),
    )
    _refuse_over(pack, today)
    text = papers.write(floor, pack)
    ids = pack.ids()
    about = f"pack of typologies {name} {version}: {len(ids)} definitions"
    for given in permits:
        writer.act(
            "disclosed", lawful.disclosed(given, "pack", len(ids), about, pack=digest_of(text.encode()))
        )
    return text


def install(floor: Floor, actor: Actor, data: bytes, file: str, now: datetime) -> Pack:
    """Install a pack that came, in place of its earlier version and of what it supersedes.

    Raises:
        Refusal: forged, damaged or expired, not newer, of another maker than before, or no pack at all.
        watchfloor.policy.gateways.Refusal: the gateway here does not let it come from there.
    """
    today = now.astimezone(UTC).date()
    pack, peer = papers.read(floor, data, file, Pack, own=True)
    signer = peer.name if peer else me(floor).name
    if pack.maker != signer or pack.what != "typology-pack" or pack.format != FORMAT:
        refuse(say.OTHER_MAKER, pack=pack.name[:80], maker=pack.maker[:80], signer=signer)
    _refuse_wrong(wrong(pack.typologies), pack.name, pack.version)
    _refuse_over(pack, today)
    known = installed(floor)
    for name in (pack.name, *pack.supersedes):
        if (before := known.get(name)) is not None and before.pack.maker != signer:
            refuse(say.OTHER_MAKER, pack=name, maker=before.pack.maker, signer=signer)
    if (old := known.get(pack.name)) is not None and _order(pack.version) <= _order(old.pack.version):
        refuse(say.OLD_PACK, pack=pack.name, version=pack.version, standing=old.pack.version)
    if peer is not None:
        stated = lawful.statement("pack", f"signed by {signer}", signer, "money-laundering")
        lawful.admit(floor, peer, "pack", stated, today)
    about = {"pack": pack.name, "version": pack.version, "maker": signer, "from": signer}
    more = {"digest": digest_of(data), "expires": pack.expires.isoformat(), "typologies": pack.ids()}
    floor.act(actor, "pack-installed", about | more | {"text": data.decode()})
    return pack


def retire(floor: Floor, actor: Actor, name: str, why: str) -> Pack:
    """Use a pack no more. Refused where it is not installed."""
    found = installed(floor).get(name)
    if found is None or found.retired:
        refuse(say.NO_PACK, pack=name)
    about = {"pack": name, "version": found.pack.version, "why": nonempty(why, "why")}
    floor.act(actor, "pack-retired", about)
    return found.pack


def installed(floor: Floor) -> dict[str, Installed]:
    """The last version of each pack that was installed, by name, as it stands."""
    found: dict[str, Installed] = {}
    for act in floor.acts_of("pack-installed", "pack-retired"):
        if act.detail is None:
            continue
        name = str(act.detail["pack"])
        if act.act == "pack-retired":
            if name in found:
                found[name] = found[name]._replace(retired=str(act.detail["why"]))
            continue
        body = act.detail["text"].rpartition("\n\n")[0] + "\n"
        pack = signed_json(body, Pack)
        for other in pack.supersedes:
            if other in found and other != name:
                found[other] = found[other]._replace(superseded=f"{name} {pack.version}")
        found[name] = Installed(pack, act.at.date())
    return found


def standing(floor: Floor, on: date) -> dict[str, str]:
    """The definitions of every pack that stands on a day, by the typology's id: what a desk may use."""
    return {
        _id(text): text
        for one in installed(floor).values()
        if one.stands(on)
        for text in one.pack.typologies.values()
    }


def about(one: Installed, on: date) -> dict[str, Any]:
    """A pack for who lists them."""
    state = "superseded" if one.superseded else "retired" if one.retired else "stands"
    return {
        "pack": one.pack.name,
        "version": one.pack.version,
        "maker": one.pack.maker,
        "installed": one.since,
        "expires": one.pack.expires,
        "typologies": one.pack.ids(),
        "state": "expired" if state == "stands" and on > one.pack.expires else state,
        "why": one.superseded or one.retired or None,
    }


_FILE: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,79}\.toml")
_NAME: Final = re.compile(r"[a-z][a-z0-9-]{0,39}")
_VERSION: Final = re.compile(r"\d{1,4}(\.\d{1,4}){0,3}")


def _id(text: str) -> str:
    return str(msgspec.toml.decode(text)["id"])


def _order(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))


def _refuse_wrong(found: Sequence[str], name: str, version: str) -> None:
    every = [*found]
    if not _NAME.fullmatch(name):
        every.append(f"{name[:40]!r} is no name of a pack")
    if not _VERSION.fullmatch(version):
        every.append(f"{version[:40]!r} is no version; write numbers with dots")
    if every:
        refuse(say.BAD_PACK, count=len(every), problem="; ".join(every[:3])[:600])


def _refuse_over(pack: Pack, today: date) -> None:
    if today > pack.expires:
        words = {"pack": pack.name, "version": pack.version, "maker": pack.maker}
        refuse(say.PACK_OVER, until=pack.expires.isoformat(), on=today.isoformat(), **words)


# Whether a file defines a typology and nothing else: no account, name, address, number or report.
#
# What a pack may hold is a closed list of types with bounds; every text, key and number in it is searched for
# what looks like an identifier. A checker of this kind finds forms, not meanings: a name that is a common
# word, or a short number, passes. So a person reads a pack before it is signed, and says so in the gateway's
# test.


Keys = tuple[str, ...]

REQUIRED: Final = ("id", "version", "source", "sentence")
MOST_BYTES: Final = 1 << 16
MOST_TEXT: Final = 600
MOST_ITEMS: Final = 500
DEPTH: Final = 6
DIGITS: Final = 6
"""Digits in one number that a definition may have, zeros at its end aside: a threshold, and no account."""

PERSONAL: Final = frozenset(
    "name names holder person persons customer client account accounts iban bic phone telephone email "
    "address "
    "birth birthdate passport sin ssn subject subjects payer payee conductor device ip handle wallet".split()
)
"""Keys under which a definition would say of whom it speaks."""

_EMAIL: Final = re.compile(r"[^\s@]+@[^\s@]+\.\w+")
_KEY: Final = re.compile(rf"\b({'|'.join((*TYPES, 'payment'))}):[a-z0-9._-]+:\S+")
_RUN: Final = re.compile(r"\d(?:[ .\-/]?\d){6,}")
_MIXED: Final = re.compile(r"\b(?=\w*[A-Za-z])(?:\w*\d){4,}\w*\b")
_IP: Final = re.compile(r"\b\d{1,3}(?:\.\d{1,3}){3}\b|\b[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){3,}\b", re.IGNORECASE)
_DAY: Final = re.compile(r"\b(19|20)\d\d-\d\d(-\d\d)?\b")
_CITED: Final = re.compile(
    r"\b(?:SOR|DORS|FINTRAC|CANAFE|FinCEN|FIN|AMLTRIX)[-/ ](?:19|20)\d\d(?:-[A-Z]?\d{1,4})?\b"
)
"""Regulations and alerts by their numbers, which begin with a year."""
_TECHNIQUE: Final = re.compile(r"T\d{4}(?:\.\d{3})?")
"""A technique of AMLTRIX."""
_FEATURE: Final = re.compile(r"\bengine\.\w+ [<>]=? \d{1,8}\b")
"""A threshold of one of the engine's features: seconds of half a year have as many digits as an account."""
_AMOUNT: Final = re.compile(r"\b\d{1,3}(?:[, ]\d{3})+\b")
_URL: Final = re.compile(r"https?://\S+")
_NAMED: Final = re.compile(r"\b([A-ZÀ-Þ][a-zà-ÿ'’-]+)\s+([A-ZÀ-Þ][a-zà-ÿ'’-]+)\b")
_BEGINS: Final = re.compile(r"(^|[.!?:;]\s+)$")
_TITLED: Final = re.compile(r"\b(Mr|Mrs|Ms|Dr|Mme|M\.|Mlle|Miss)\.?\s+[A-ZÀ-Þ]")


def problems(text: str, file: str) -> Iterator[str]:
    """Say what keeps a file from being a definition of a typology, each as a sentence."""
    if len(text.encode()) > MOST_BYTES:
        yield f"{file} has more than {MOST_BYTES} bytes"
        return
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        yield f"{file} is no TOML: {error}"
        return
    for key in REQUIRED:
        if key not in values:
            yield f"{file} has no {key}"
    for key in ("id", "sentence"):
        if key in values and not _worded(values[key]):
            yield f"{file}: {key} is no text, or no texts by language"
    if isinstance(values.get("id"), str) and not re.fullmatch(r"[a-z][a-z0-9._-]{0,79}", values["id"]):
        yield f"{file}: the id is of small letters, digits, '.', '_' and '-'"
    if "parameters" in values and not isinstance(values["parameters"], dict):
        yield f"{file}: parameters is no table"
    for comment in _comments(text):
        for why in identifying(comment):
            yield f"{file}: a comment {why}"
    for keys, why in _walk(values, ()):
        yield f"{file}: {'.'.join(keys)} {why}"


def identifying(text: str, *, source: bool = False) -> Iterator[str]:
    """Yield what in a text looks like an identifier or a name, as words.

    Args:
        text: of a definition.
        source: whether it cites a publication, whose title has capitals and may have an address of the web.
    """
    if _EMAIL.search(text):
        yield "has what looks like an e-mail address"
    if _KEY.search(text):
        yield "has the key of a subject"
    if _IP.search(text):
        yield "has what looks like a network address"
    if _URL.search(text) and not source:
        yield "has an address of the web"
    cited = _FEATURE.sub(" ", _CITED.sub(" ", _URL.sub(" ", text) if source else text))
    plain = _AMOUNT.sub(" ", _DAY.sub(" ", cited))
    if any(not _cas(found[0]) for found in _RUN.finditer(plain)):
        yield "has a number as long as an account's"
    if any(not _cas(found[0]) for found in _MIXED.finditer(plain)):
        yield "has letters and digits as an identifier has"
    if any(True for _ in PhoneNumberMatcher(plain, "CA", leniency=Leniency.VALID)):
        yield "has what looks like a telephone number"
    if not source and (named := _name(text)):
        yield f"has what looks like a name, {named!r}"


def _wrong(keys: Keys, value: object) -> Iterator[str]:
    parts = set(re.split(r"[_.\-]", keys[-1].casefold()))
    plain = isinstance(value, bool | int | float)
    if keys[0] not in ("sentence", "source", "let") and parts & PERSONAL and not plain:
        yield "says of whom it speaks"
    if keys[0] == "amltrix" and isinstance(value, str) and _TECHNIQUE.fullmatch(value):
        return
    if any(telling(key) for key in keys):
        yield "would say that a report was made"
    if isinstance(value, str):
        if len(value) > MOST_TEXT:
            yield f"has more than {MOST_TEXT} characters"
        if keys[0] != "source" and telling(value):
            yield "would say that a report was made"
        yield from identifying(value, source=keys[0] == "source")
    elif isinstance(value, bool | date | datetime | time):
        return
    elif isinstance(value, int | float) and _significant(value) > DIGITS:
        yield f"has a number of more than {DIGITS} digits"


def _walk(value: Any, keys: Keys) -> Iterator[tuple[Keys, str]]:
    """Yield a value and all that it holds; keys are texts of a definition as well."""
    if len(keys) > DEPTH:
        yield keys[:DEPTH], "lies deeper than a definition goes"
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            for why in identifying(key):
                yield (*keys, key[:40]), f"is a key that {why}"
            yield from _walk(inner, (*keys, key))
    elif isinstance(value, list):
        if len(value) > MOST_ITEMS:
            yield keys, f"has more than {MOST_ITEMS} items"
        for inner in value[:MOST_ITEMS]:
            yield from _walk(inner, keys)
    else:
        for why in _wrong(keys, value):
            yield keys, why


def _comments(text: str) -> Iterator[str]:
    for line in text.splitlines():
        _, mark, comment = line.partition("#")
        if mark and comment.strip():
            yield comment.strip()


def _significant(number: float) -> int:
    digits = re.sub(r"e.*$", "", repr(number), flags=re.IGNORECASE).replace(".", "").replace("-", "")
    return len(digits.strip("0"))


def _cas(text: str) -> bool:
    """Whether digits are the number of a substance, which many typologies name."""
    return bool(re.fullmatch(r"\d{2,7}-\d\d-\d", text)) and bool(casrn.is_valid(text))


def _name(text: str) -> str:
    """Two words with capitals that are no known ones; the first of a sentence has one anyway."""
    if titled := _TITLED.search(text):
        return titled[0]
    for found in _NAMED.finditer(text):
        words = {found[2].casefold()}
        if not _BEGINS.search(text[: found.start()]):
            words.add(found[1].casefold())
        if not words <= _known():
            return found[0]
    return ""


@cache
def _known() -> frozenset[str]:
    """Words with a capital that are no one's name: of countries, months, and of the field."""
    words = {word.casefold() for name in territory_names() for word in re.findall(r"[^\W\d]+", name)}
    months = "january february march april may june july august september october november december"
    field = "interac hong kong british columbia north south east west america american european union latin"
    return frozenset(words | {*months.split(), *field.split()})


def _worded(value: object) -> bool:
    if isinstance(value, Mapping):
        return set(value) <= {"en", "fr"} and all(
            isinstance(one, str) and one.strip() for one in value.values()
        )
    return isinstance(value, str) and bool(value.strip())
