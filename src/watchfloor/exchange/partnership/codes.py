"""Which codes of practice this node has adopted: the acts `code-adopted` and `code-withdrawn`."""

from datetime import date
from typing import NamedTuple

from watchfloor.cell.acts import nonempty, refuse
from watchfloor.exchange.bundles import peers
from watchfloor.exchange.bundles.peers import Peer, me
from watchfloor.exchange.partnership import refusals as say
from watchfloor.exchange.partnership.code import Code, check_in_force, check_keys, check_party, read
from watchfloor.formats.settings import SettingsError
from watchfloor.store.floor import Floor
from watchfloor.store.log import Actor


class Adopted(NamedTuple):
    """A code as this node took it.

    Attributes:
        code: it.
        since: the day on which it was adopted.
        withdrawn: the day on which it was withdrawn here; None while it stands.
        why: it was.
    """

    code: Code
    since: date
    withdrawn: date | None = None
    why: str = ""


def adopt(floor: Floor, actor: Actor, text: str, name: str) -> Code:
    """Adopt a code; a later version of an id takes the place of an earlier one. Refused where it is wrong.

    Wrong is also a key that no node has, or another than this node knows of a partner (`uncompared` says of
    whom it knows none). An unapproved code may be adopted, so that what wants no approval can go; nothing
    about a person does.
    """
    try:
        code = read(text, name)
    except SettingsError as error:
        refuse(say.BAD_CODE, problem=str(error))
    here, known = me(floor), peers.standing(floor)
    check_keys(code)
    check_party(code, here.name, here.institution, floor.signer.verifier.hash.hex())
    for one in code.file.participants:
        if peer := known.get(one.name):
            check_party(code, peer.name, peer.institution, peer.verifier.hash.hex())
    approval = code.file.approval
    floor.act(
        actor,
        "code-adopted",
        {
            "code": code.file.id,
            "version": code.file.version,
            "digest": code.digest,
            "approved_by": approval.by if approval else None,
            "reference": approval.reference if approval else None,
            "expires": code.file.expires.isoformat(),
            "text": text,
        },
    )
    return code


def uncompared(floor: Floor, code: Code) -> list[str]:
    """Return the participants that are not introduced here, whose keys could not be compared."""
    known = {*peers.standing(floor), me(floor).name}
    return [one.name for one in code.file.participants if one.name not in known]


def withdraw(floor: Floor, actor: Actor, id_: str, why: str) -> Code:
    """End a code here. Refused where it does not stand."""
    code = standing(floor, id_)
    floor.act(
        actor, "code-withdrawn", {"code": code.file.id, "digest": code.digest, "why": nonempty(why, "why")}
    )
    return code


def adopted(floor: Floor) -> dict[str, Adopted]:
    """The last version of each code that was adopted, by its id."""
    found: dict[str, Adopted] = {}
    for act in floor.acts_of("code-adopted", "code-withdrawn"):
        if act.detail is None:
            continue
        id_ = str(act.detail["code"])
        if act.act == "code-adopted":
            found[id_] = Adopted(read(act.detail["text"], id_), act.at.date())
        elif id_ in found and found[id_].code.digest == act.detail["digest"]:
            found[id_] = found[id_]._replace(withdrawn=act.at.date(), why=str(act.detail["why"]))
    return found


def ever(floor: Floor) -> dict[str, Code]:
    """Every code that was adopted here, by its digest: what became of a session is told under its own."""
    texts = (act.detail["text"] for act in floor.acts_of("code-adopted") if act.detail is not None)
    return {one.digest: one for one in map(read, texts)}


def standing(floor: Floor, id_: str | None = None) -> Code:
    """The code of an id, or the only one. Refused where there is none, or it was withdrawn."""
    known = adopted(floor)
    one = known.get(id_) if id_ else next(iter(known.values()), None) if len(known) == 1 else None
    if one is None:
        refuse(say.NO_CODE, code=id_ or f"({', '.join(known)})" if known else "")
    return _not_withdrawn(one)


def of_digest(floor: Floor, digest: str, partner: str) -> Code:
    """The code that a partner acts under. Refused where this node stands under another."""
    known = adopted(floor)
    found = next((one for one in known.values() if one.code.digest == digest), None)
    if found is None:
        ours = ", ".join(f"{one.code.name} {one.code.digest[:8]}" for one in known.values()) or "–"
        refuse(say.OTHER_CODE, partner=partner, theirs=digest[:8], ours=ours)
    return _not_withdrawn(found)


def check_both(floor: Floor, code: Code, peer: Peer, on: date, *, approval: bool = True) -> None:
    """Refuse unless the code is in force and both nodes are subject to it."""
    check_in_force(code, on, approval=approval)
    here = me(floor)
    check_party(code, here.name, here.institution, floor.signer.verifier.hash.hex())
    check_party(code, peer.name, peer.institution, peer.verifier.hash.hex())


def _not_withdrawn(one: Adopted) -> Code:
    if one.withdrawn is not None:
        refuse(say.WITHDRAWN, code=one.code.name, day=one.withdrawn.isoformat(), why=one.why)
    return one.code
