"""Packs of typologies (T0): signed, versioned definitions without anything about a person.

What a partnership may share today. A pack is made for named recipients through the gateway
`partnership-pack`, installed where its maker is a peer, superseded by a later version of the same maker, and
expires on its day.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final, NamedTuple

import msgspec

from watchfloor.cell.acting.acts import refuse, said
from watchfloor.exchange.partnership import lawful, papers
from watchfloor.exchange.partnership import refusals as say
from watchfloor.exchange.partnership.pack_check import problems
from watchfloor.exchange.peers import Peer, me
from watchfloor.formats.settings import read_text
from watchfloor.release.gateways import Statement
from watchfloor.store.floor import Floor
from watchfloor.store.log import Actor, digest_of
from watchfloor.store.notes import signed_json
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
    """What keeps definitions from being a pack."""
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
        Refused: it holds what no definition of a typology has.
        watchfloor.release.gateways.Refused: the gateway does not lead to one of the peers.
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
        Refused: forged, damaged or expired, not newer, of another maker than before, or no pack at all.
        watchfloor.release.gateways.Refused: the gateway here does not let it come from there.
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
    about = {"pack": name, "version": found.pack.version, "why": said(why, "why")}
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
