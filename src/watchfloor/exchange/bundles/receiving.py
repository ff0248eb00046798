"""Receiving: a bundle is checked whole, and only then is anything of it written.

Its rows become records with the source `node:NAME`, in one delivery: received = accepted + duplicate +
withheld. What this node may not hold is withheld at the door, with the reason, and its bytes are not kept
either.
"""

import io
from collections.abc import Mapping, Set
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.cell.acts import refuse
from watchfloor.core import messages as sentences
from watchfloor.core.kinds import DISCLOSURE, KINDS
from watchfloor.core.marking import MarkingError, join, parse
from watchfloor.core.messages import Reason, declare
from watchfloor.core.subjects import SubjectError, parts
from watchfloor.desks.disclosures.messages import UNTOLD
from watchfloor.desks.registry import declare_messages
from watchfloor.exchange.bundles import bundle as bundles
from watchfloor.exchange.bundles import origins, payload_check, signed_notices
from watchfloor.exchange.bundles.bundle import Manifest, OpenedBundle, columns_of, terms_of
from watchfloor.exchange.bundles.peers import Peer, known, me, peer_of, standing, verifiers
from watchfloor.exchange.bundles.sent import row_names
from watchfloor.exchange.bundles.signed_notices import FOR_ANOTHER
from watchfloor.policy.gateways import Gateway, Statement, admits
from watchfloor.store.ceiling import holds
from watchfloor.store.floor import Floor
from watchfloor.store.intake import Intake
from watchfloor.store.log import Actor, digest_of
from watchfloor.store.writer import Writer

AHEAD: Final = timedelta(days=1)
"""How far a sender's clock may be ahead of this one."""

UNKNOWN_GATEWAY: Final = declare("exchange.unknown-gateway", "bundle", "gateway")
EXERCISE: Final = declare("exchange.from-exercise", "bundle", "sender")
NO_EXERCISE: Final = declare("exchange.into-exercise", "bundle", "sender")
FROM_FUTURE: Final = declare("exchange.from-the-future", "bundle", "created", "sender")
SAME_ID: Final = declare("exchange.same-id", "sender", "bundle", "position")
BAD_MARKING: Final = declare("exchange.bad-marking", "bundle", "problem", "sender")
BAD_SENDER: Final = declare("exchange.sender-differs", "bundle", "sender", "said", "known")
BY_ANOTHER: Final = declare("exchange.posted-by-another", "file", "signer", "sender")
ABOVE: Final = "marked above this floor's ceiling"
NOT_HERE: Final = "its marking does not let it go to this country"
NO_SUBJECT: Final = "it names no subject, or one whose key is none"
NO_PLACE: Final = "its place is none on this earth"


@dataclass(frozen=True, slots=True)
class Received:
    """Result of a bundle that came.

    Attributes:
        manifest: what it says of itself.
        position: of its delivery in the log.
        rows: that came.
        accepted: that are new here.
        duplicate: that were here.
        withheld: at the door, by reason.
        echoes: that repeat what this node reported itself, and make no signal.
        shared: that rest in part on what this node reported, and count once with it.
        before: position of the act that took the same bundle in before; None for a new one.
        marking: join of what came in.
        originators: owners whose originator control some rows are under.
        digest: of the delivery.
        leaves: of the rows that came, by kind, in the order of the bundle.
        names: of these rows, as the sender knows them.
    """

    manifest: Manifest
    position: int
    rows: int
    accepted: int
    duplicate: int
    withheld: Mapping[str, int]
    echoes: int
    shared: int
    before: int | None
    marking: str
    originators: tuple[str, ...]
    digest: str
    leaves: Mapping[str, list[bytes]]
    names: Mapping[str, list[str]]


def receive(
    floor: Floor,
    writer: Writer,
    data: bytes,
    file: str,
    gateways: Mapping[str, Gateway],
    now: datetime,
    *,
    sender: str | None = None,
) -> Received:
    """Take a bundle in.

    Args:
        floor: who receives.
        writer: of that floor.
        data: the file.
        file: what it is called.
        gateways: this node's table, by id.
        now: with a time zone.
        sender: the peer whose certificate the connection has shown; it must have signed the bundle.

    Raises:
        watchfloor.cell.acts.Refusal: it is not what a peer signed for this node. Nothing is written.
        watchfloor.policy.gateways.Refusal: no gateway lets it in on the day. Nothing is written.
    """
    declare_messages()
    opened = _opened(floor, data, file)
    manifest = opened.manifest
    if sender not in (None, manifest.sender.name):
        refuse(BY_ANOTHER, file=file, signer=manifest.sender.name, sender=sender)
    peer = peer_of(known(floor), manifest.sender.name)
    payload_check.check(opened, _check(floor, manifest, peer, file, gateways, now))
    _check_markings(opened, peer)
    note = signed_notices.digest(opened.text)
    before = _before(floor, manifest, peer, note)
    rows = {kind: _as_records(floor, writer, opened, kind) for kind in opened.parts}
    doors = {kind: _doors(floor, kind, table) for kind, table in rows.items()}
    original = io.BytesIO(_original(opened, doors, data))
    with writer.delivery(origins.source_of(peer.name), file, original) as intake:
        for kind, table in rows.items():
            _put(intake, kind, table, doors[kind])
        intake.expect(manifest.rows)
    kept = {kind: table.filter(pa.array(doors[kind] == 0)) for kind, table in rows.items()}
    made = _received(floor, opened, intake, kept, before)
    writer.act("received", _detail(made, peer, note))
    return made


def _received(
    floor: Floor, opened: OpenedBundle, intake: Intake, kept: Mapping[str, pa.Table], before: int | None
) -> Received:
    """Return the result of a bundle whose delivery is committed."""
    delivery = next(one for one in floor.deliveries(digest=intake.digest) if one.position == intake.position)
    texts = {text for rows in kept.values() for text in pc.unique(rows["marking"]).to_pylist()}
    disclosed = kept.get(DISCLOSURE.name)
    return Received(
        manifest=opened.manifest,
        position=intake.position,
        rows=opened.manifest.rows,
        accepted=delivery.account.accepted,
        duplicate=delivery.account.duplicate,
        withheld=delivery.withheld,
        echoes=int(pc.sum(disclosed["echo"]).as_py() or 0) if disclosed is not None else 0,
        shared=_shared(disclosed, me(floor).name) if disclosed is not None else 0,
        before=before,
        marking=join(texts),
        originators=tuple(sorted({owner for text in texts for owner in parse(text).originators})),
        digest=intake.digest.hex(),
        leaves=opened.leaves,
        names={kind: row_names(kind, table) for kind, table in opened.parts.items()},
    )


def log_refusal(floor: Floor, actor: Actor, file: str, data: bytes, why: Reason) -> None:
    """Log that something was not taken in, and why: the act `bundle-refused`."""
    log_refused(floor, actor, file, digest_of(data), len(data), why)


def log_refused(floor: Floor, actor: Actor, file: str, digest: str, size: int, why: Reason) -> None:
    """Log as `log_refusal` what is not in memory, by its digest and its size."""
    floor.act(actor, "bundle-refused", {"file": file, "digest": digest, "size": size, **why.stored()})


def _opened(floor: Floor, data: bytes, file: str) -> OpenedBundle:
    peers = known(floor)
    name = bundles.named_sender(data, file)
    if name in peers:
        peer_of(peers, name)  # refuses one that was removed, by name
    return bundles.open_(data, verifiers(standing(floor).values()), file)


def _check(
    floor: Floor, manifest: Manifest, peer: Peer, file: str, gateways: Mapping[str, Gateway], now: datetime
) -> Gateway:
    """It is for this node, from who it says, not from the future, and its gateway stands on the day."""
    here = me(floor)
    if manifest.to != here.name:
        refuse(FOR_ANOTHER, file=file, to=manifest.to, name=here.name)
    if manifest.exercise != floor.settings.exercise:
        refuse(EXERCISE if manifest.exercise else NO_EXERCISE, bundle=manifest.bundle, sender=peer.name)
    said = (manifest.sender.institution, manifest.sender.country)
    if said != (peer.institution, peer.country):
        refuse(
            BAD_SENDER,
            bundle=manifest.bundle,
            sender=peer.name,
            said=", ".join(said),
            known=f"{peer.institution}, {peer.country}",
        )
    created = moment(manifest, peer)
    if created > now + AHEAD:
        refuse(FROM_FUTURE, bundle=manifest.bundle, created=f"{created:%Y-%m-%d %H:%MZ}", sender=peer.name)
    gateway = gateways.get(manifest.terms.gateway)
    if gateway is None:
        refuse(UNKNOWN_GATEWAY, bundle=manifest.bundle, gateway=manifest.terms.gateway)
    terms = manifest.terms
    statement = Statement(terms.test, terms.stated_by, terms.purpose, terms.accuracy, terms.basis)
    admits(gateway, peer.party, here, statement, now.astimezone(UTC).date())
    return gateway


def moment(manifest: Manifest, peer: Peer) -> datetime:
    """When a bundle was made. Refused where it says no moment."""
    try:
        created = datetime.fromisoformat(manifest.created)
        if created.tzinfo is None:
            raise ValueError(f"{manifest.created!r} has no time zone")
    except ValueError as error:
        refuse(BAD_MARKING, bundle=manifest.bundle, problem=str(error), sender=peer.name)
    return created.astimezone(UTC)


def _before(floor: Floor, manifest: Manifest, peer: Peer, note: str) -> int | None:
    """Position where this bundle was taken in before. Refused where it was another under the same id."""
    for act in floor.acts_of("received"):
        said = act.detail or {}
        if said.get("bundle") == manifest.bundle and said.get("from") == peer.name:
            if said["note"] != note:
                refuse(SAME_ID, sender=peer.name, bundle=manifest.bundle, position=act.position)
            return act.position
    return None


def _check_markings(opened: OpenedBundle, peer: Peer) -> None:
    for rows in opened.parts.values():
        for text in pc.unique(rows["marking"]).to_pylist():
            try:
                parse(text)
            except MarkingError as error:
                refuse(BAD_MARKING, bundle=opened.manifest.bundle, problem=str(error), sender=peer.name)


def _as_records(floor: Floor, writer: Writer, opened: OpenedBundle, kind: str) -> pa.Table:
    """A part's rows as records of this floor; `record_id` and `delivery` are the store's to add."""
    manifest, rows = opened.manifest, opened.parts[kind]
    count, here = rows.num_rows, me(floor).name
    local = _tokens(floor, writer) if origins.leads_to(rows["origins"], here) else {}
    kept, echoes = origins.arriving(rows["origins"], here, local)
    made: dict[str, Any] = {name: rows[name] for name in rows.column_names}
    made |= {
        "source": _all(origins.source_of(manifest.sender.name), count),
        "origins": kept,
        "locator": pa.array([f"{kind}.arrow row {at}" for at in range(count)], pa.string()),
    }
    if kind == DISCLOSURE.name:
        message, params = _told(rows, manifest.sender.name)
        created = datetime.fromisoformat(manifest.created)
        made |= {
            "report_key": pa.array([one.hex() for one in rows["row_id"].to_pylist()], pa.string()),
            "observed_at": pa.repeat(pa.scalar(created, DISCLOSURE.schema.field("observed_at").type), count),
            "bundle": _all(manifest.bundle, count),
            "node": _all(manifest.sender.name, count),
            "gateway": _all(manifest.terms.gateway, count),
            "message": message,
            "params": params,
            "echo": echoes,
        }
    fields = [f for f in KINDS[kind].schema if f.name not in ("record_id", "delivery")]
    arrays = [made[f.name] if f.name in made else pa.nulls(count, f.type) for f in fields]
    return pa.table(arrays, schema=pa.schema(fields))


def sent_rows(kind: str, records: pa.Table) -> pa.Table:
    """Records of this floor in the form in which they travelled: the other way of `_as_records`."""
    rows = records.select(list(columns_of(kind)))
    rows = _with(rows, "origins", origins.as_sent(records["origins"]))
    if (
        kind == DISCLOSURE.name
        and (untold := pc.equal(rows["message"], UNTOLD.id))
        and pc.any(untold).as_py()
    ):
        said = [
            msgspec.json.decode(params) if message == UNTOLD.id else None
            for message, params in zip(rows["message"].to_pylist(), rows["params"].to_pylist(), strict=True)
        ]
        as_kept = zip(rows["message"].to_pylist(), rows["params"].to_pylist(), said, strict=True)
        pairs = [(one["message"], one["params"]) if one else (m, p) for m, p, one in as_kept]
        rows = _with(rows, "message", pa.array([m for m, _ in pairs], pa.string()))
        rows = _with(rows, "params", pa.array([p for _, p in pairs], pa.string()))
    return rows


def _with(rows: pa.Table, name: str, column: pa.Array) -> pa.Table:
    at = rows.schema.get_field_index(name)
    return rows.set_column(at, rows.schema.field(at), column)


def _told(rows: pa.Table, node: str) -> tuple[pa.Array, pa.Array]:
    """Message and parameters of each row; of one whose sentence this version cannot say, what it can say."""
    messages, params = rows["message"].to_pylist(), rows["params"].to_pylist()
    wanted = {one: found.parameters for one in set(messages) if (found := sentences.known(one))}
    told = [_sayable(wanted.get(m), p) for m, p in zip(messages, params, strict=True)]
    if not all(told):
        columns = (rows["rule"].to_pylist(), rows["strength"].to_pylist())
        for at, (rule, strength) in enumerate(zip(*columns, strict=True)):
            if not told[at]:
                said = {"node": node, "rule": rule, "strength": strength, "message": messages[at]}
                stored = Reason(UNTOLD.id, said | {"params": params[at]}).stored()
                messages[at], params[at] = stored["message"], stored["params"]
    return pa.array(messages, pa.string()), pa.array(params, pa.string())


_PARAMS: Final = msgspec.json.Decoder(dict[str, str | int | float | bool | None])


def _sayable(wanted: Set[str] | None, params: str) -> bool:
    """Whether these are the parameters that a sentence wants; of a sentence unknown here, none are."""
    try:
        return _PARAMS.decode(params).keys() == wanted
    except msgspec.MsgspecError:
        return False


DOORS: Final = ("", ABOVE, NOT_HERE, NO_SUBJECT, NO_PLACE)
"""Why a row is withheld at the door; the first is none."""


def _doors(floor: Floor, kind: str, rows: pa.Table) -> npt.NDArray[np.int8]:
    """For each row the number of the reason why it is withheld; 0 for one that comes in."""
    texts = rows["marking"].to_pylist()
    country = floor.settings.country
    by_marking = {text: _door(floor, text, country) for text in set(texts)}
    door = np.array([by_marking[text] for text in texts], np.int8)
    if kind == DISCLOSURE.name:
        door = np.where((door == 0) & ~_about_something(rows["subjects"]), DOORS.index(NO_SUBJECT), door)
        door = np.where((door == 0) & ~_on_earth(rows), DOORS.index(NO_PLACE), door)
    return door.astype(np.int8)


def _door(floor: Floor, text: str, country: str) -> int:
    marking = parse(text)
    if not holds(floor.ceiling, marking):
        return DOORS.index(ABOVE)
    if marking.release is not None and country not in marking.release:
        return DOORS.index(NOT_HERE)
    return 0


def _about_something(subjects: pa.ChunkedArray) -> npt.NDArray[np.bool_]:
    """Whether each row names subjects, and all of them by keys that are some."""
    named = pc.list_flatten(subjects)
    bad = [key for key in pc.unique(named).to_pylist() if not _is_subject(key)]
    found: npt.NDArray[np.bool_] = pc.fill_null(pc.list_value_length(subjects), 0).to_numpy() > 0
    wrong = pc.is_in(named, value_set=pa.array(bad, pa.string()))
    found[pc.list_parent_indices(subjects).filter(wrong).to_numpy()] = False
    return found


def _is_subject(key: str | None) -> bool:
    try:
        parts(key or "")
    except SubjectError:
        return False
    return True


def _on_earth(rows: pa.Table) -> npt.NDArray[np.bool_]:
    """Whether a row has no place, or one with a latitude, a longitude and a radius that can be."""
    latitude, longitude, radius = (
        rows[name].to_numpy(zero_copy_only=False).astype(np.float64)
        for name in ("latitude", "longitude", "radius")
    )
    none = np.isnan(latitude) & np.isnan(longitude)
    there = (np.abs(latitude) <= 90) & (np.abs(longitude) <= 180)
    good: npt.NDArray[np.bool_] = none | (there & (np.isnan(radius) | ((radius >= 0) & np.isfinite(radius))))
    return good


def _original(opened: OpenedBundle, doors: Mapping[str, npt.NDArray[np.int8]], data: bytes) -> bytes:
    """The delivery's bytes; where rows are above the ceiling, without any of them: the note alone."""
    above = DOORS.index(ABOVE)
    return opened.text.encode() if any((door == above).any() for door in doors.values()) else data


def _put(intake: Intake, kind: str, rows: pa.Table, door: npt.NDArray[np.int8]) -> None:
    for number, why in enumerate(DOORS):
        if number:
            intake.withhold(int(np.count_nonzero(door == number)), why)
    intake.accept(kind, rows.filter(pa.array(door == 0)))


def _tokens(floor: Floor, writer: Writer) -> dict[str, str]:
    """This floor's own origins, stated ones and reports' own keys, by the tokens under which they leave."""
    found: set[str] = set()
    for kind in KINDS:
        rows = writer.holdings(kind, ["origins", "report_key"])
        found |= {*pc.unique(pc.list_flatten(rows["origins"])).to_pylist()}
        found |= {*pc.unique(rows["report_key"]).to_pylist()}
    return {origins.token(floor.key, one): one for one in found if one and not one.startswith(origins.PREFIX)}


def _shared(rows: pa.Table, node: str) -> int:
    start = f"{origins.PREFIX}{node}:"
    rows = rows.filter(pc.invert(rows["echo"]))
    hits = pc.starts_with(pc.list_flatten(rows["origins"]), start)
    return len(pc.unique(pc.list_parent_indices(rows["origins"]).filter(hits)))


def _all(text: str, count: int) -> pa.Array:
    return pa.repeat(pa.scalar(text, pa.string()), count)


def _detail(made: Received, peer: Peer, note: str) -> dict[str, Any]:
    manifest = made.manifest
    return terms_of(manifest) | {
        "from": peer.name,
        "sender": {"name": peer.name, "institution": peer.institution, "country": peer.country},
        "rows": made.rows,
        "accepted": made.accepted,
        "duplicate": made.duplicate,
        "withheld": dict(made.withheld),
        "echoes": made.echoes,
        "marking": made.marking,
        "caveats": sorted(parse(made.marking).caveats),
        "originators": list(made.originators),
        "digest": made.digest,
        "note": note,
        "again": made.before,
    }
