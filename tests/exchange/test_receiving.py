"""Receiving: what comes in, and every way in which a bundle is refused."""

import dataclasses
import io
import json
import tarfile
from datetime import date, timedelta
from hashlib import sha256

import msgspec
import pyarrow as pa
import pytest
from tests.exchange import nodes
from tests.exchange.nodes import (
    MARKING,
    NOW,
    READER,
    SHIP,
    STATED,
    TOY,
    WHO,
    assert_,
    floor,
    gateway,
    holding,
    keep,
    party,
    receive,
    send,
    signal,
    trust,
    trusting,
)
from tests.refusals import refused

from watchfloor.cell.acts import Refusal
from watchfloor.core.kinds import PARTY, READING
from watchfloor.core.marking import parse
from watchfloor.desks.disclosures.messages import UNTOLD
from watchfloor.exchange.bundles import bundle, offers, peers, receipts, receiving, signed_notices
from watchfloor.feeds.config import reserved
from watchfloor.feeds.original import original
from watchfloor.policy import gateways
from watchfloor.policy.policy import Reader
from watchfloor.store import NoOriginal
from watchfloor.store.log.notes import note, split


@pytest.fixture
def pair(tmp_path):
    return trusting(floor(tmp_path, "bank-a"), floor(tmp_path, "cell"))


def refuses(message, one, data, **options):
    """Return the parameters of the refusal, once it is certain that nothing of the file is on the floor."""
    before = {kind: one.read(kind, READER).num_rows for kind in ("disclosure", "party")}
    accounts, acts = one.accounting(), len(one.acts_of("received", "ingest"))
    params = refused(message, receive, one, data, **options)
    assert {kind: one.read(kind, READER).num_rows for kind in before} == before
    assert (one.accounting(), len(one.acts_of("received", "ingest"))) == (accounts, acts)
    return params


def members(data):
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        return {one.name: archive.extractfile(one).read() for one in archive}


def tar(content, **about):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name, data in content:
            info = tarfile.TarInfo(name)
            info.size, info.mode = len(data), 0o644
            for key, value in about.items():
                setattr(info, key, value)
            archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


def resigned(one, packed, **columns):
    """The same parts under a manifest that says something else, signed by the same node."""
    manifest = msgspec.structs.replace(packed.manifest, **columns)
    parts = {name.removesuffix(".arrow"): data for name, data in members(packed.data).items()}
    parts.pop(bundle.NOTE)
    return bundle.pack(manifest, parts, one.signer)


def test_what_is_sent_is_what_is_held(pair):
    bank, cell = pair
    packed = send(holding(bank), cell)
    got, _ = receive(cell, packed.data)
    assert (got.accepted, got.duplicate, dict(got.withheld)) == (3, 0, {})
    there = {row["row_id"]: row for row in bank.signals(READER).to_pylist()}
    for row in cell.read("disclosure", READER).to_pylist():
        was = there[row["row_id"]]
        for name in ("rule", "strength", "subjects", "score", "marking", "desk", "latitude"):
            assert row[name] == was[name]
        assert (row["node"], row["source"], row["bundle"]) == ("bank-a", "node:bank-a", got.manifest.bundle)
        assert row["observed_at"] == NOW
        assert row["origins"] == [f"node:bank-a:{was['evidence'][0].hex()}"]
    assert cell.delivered(bytes.fromhex(got.digest)).read() == packed.data
    (act,) = cell.acts_of("received")
    assert act.detail["root"] == packed.manifest.root


def test_a_row_of_a_bundle_has_an_original_of_its_own(pair):
    """The bytes of the bundle hold what others may see alone."""
    bank, cell = pair
    ids = keep(bank, [party(number) for number in range(2)])
    markings = ("PA//TLP:GREEN", "PB//TLP:RED")
    assert_(bank, [signal(bank, n, [ids[n]], marking=markings[n]) for n in range(2)])
    got, _ = receive(cell, send(bank, cell, reader=Reader("officer", purpose="a test", tlp=4)).data)
    low = Reader("low", protected=1, tlp=1)
    (row,) = cell.read("disclosure", low).to_pylist()
    found = original(cell, row["record_id"], low)
    assert json.loads(found.piece)["subjects"] == ["person:parcels:0"]
    assert (found.digest, found.row["delivery"]) == (None, None)
    with pytest.raises(NoOriginal):
        cell.original(bytes.fromhex(got.digest), low, found.position)
    other = next(r for r in cell.read("disclosure", READER).to_pylist() if r["marking"] == markings[1])
    assert json.loads(original(cell, other["record_id"], READER).piece)["marking"] == markings[1]


def test_the_same_bundle_again_is_told_and_adds_nothing(pair):
    bank, cell = pair
    packed = send(holding(bank), cell)
    receipt = signed_notices.read(bank, receive(cell, packed.data)[1].encode(), "r")
    again, same = receive(cell, packed.data)
    assert (again.accepted, again.duplicate, again.before) == (0, 3, cell.acts_of("received")[0].position)
    assert signed_notices.read(bank, same.encode(), "r").body["root"] == receipt.body["root"]
    account = cell.accounting()["node:bank-a"]
    assert account.received == account.accepted + account.duplicate == 6


def test_a_further_signature_makes_no_other_bundle(pair, tmp_path):
    bank, cell = pair
    packed = send(holding(bank), cell)
    receive(cell, packed.data)
    parts = members(packed.data)
    witness = floor(tmp_path, "witness").signer
    text = parts[bundle.NOTE].decode()
    body = split(text)[0]
    parts[bundle.NOTE] = (text + note(body, witness).removeprefix(f"{body}\n")).encode()
    again, _ = receive(cell, tar(parts.items()))
    assert (again.duplicate, again.before is not None) == (3, True)


def test_evidence_arrives_with_the_columns_that_may_go(pair):
    bank, cell = pair
    keep(bank, [party(0, birth_date="1971-05-02", context="order 17")])
    let = gateway(fields={"party": frozenset({"subject", "role", "name"})})
    given = offers.offer(bank, READER, records={"party": bank.read("party", READER)})
    packed = send(bank, cell, through=let, offered=given)
    receive(cell, packed.data, gateways={"toy": let})
    (row,) = cell.read("party", READER).to_pylist()
    assert (row["name"], row["birth_date"], row["context"]) == ("Zarbek Tolunay 0", None, None)
    assert row["source"] == "node:bank-a"
    for trace in (b"1971-05-02", b"order 17", b"P-0", b"parcels.csv", b"line 0"):
        assert trace not in packed.data


def leaves_nothing(one, *traces):
    """That no byte of these words lies in a floor's folder."""
    held = [place.read_bytes() for place in one.root.rglob("*") if place.is_file()]
    assert any(b"cell" in data for data in held)
    assert not [trace for trace in traces for data in held if trace in data]


def outside(one, data, here, kind, form, column):
    """That a gateway of this node lets no such rows through, or not this column of them."""
    message = "exchange.column-outside" if column else "exchange.form-outside"
    params = refuses(message, one, data, gateways={"toy": gateway(**here)})
    assert (params["kind"], params["form"], params.get("column")) == (kind, form, column)


NAME, BORN, PERSON = b"Zarbek Tolunay", b"1971-05-02", b"person:parcels:0"


@pytest.mark.parametrize(
    ("here", "column"),
    [
        ({"forms": frozenset({"signal"})}, None),
        ({"fields": {"reading": frozenset(READING.schema.names)}}, None),
        ({"fields": {"party": frozenset({"subject", "role", "name"})}}, "birth_date"),
        ({"fields": {"party": frozenset({"subject", "role"})}}, None),
    ],
)
def test_what_this_nodes_own_gateway_does_not_name_leaves_no_byte(pair, here, column):
    """A sender's edited table is the sender's: what is taken in, the table here decides."""
    bank, cell = pair
    keep(bank, [party(0, birth_date="1971-05-02"), party(1)])
    given = offers.offer(bank, READER, records={"party": bank.read("party", READER)})
    packed = send(bank, cell, offered=given)
    assert NAME in packed.data
    outside(cell, packed.data, here, "party", "evidence", column)
    leaves_nothing(cell, NAME, BORN, PERSON)
    receive(cell, packed.data)
    with pytest.raises(AssertionError):
        leaves_nothing(cell, NAME)


@pytest.mark.parametrize(
    ("here", "column"),
    [
        ({"forms": frozenset({"pointer"})}, None),
        ({"fields": {}}, None),
        ({"fields": {"disclosure": nodes.SIGNALS - {"score"}}}, "score"),
        ({"fields": {"disclosure": nodes.SIGNALS - {"rule"}}}, None),
    ],
)
def test_a_signal_outside_this_nodes_own_gateway_leaves_no_byte(pair, here, column):
    bank, cell = pair
    packed = send(holding(bank), cell)
    outside(cell, packed.data, here, "disclosure", "signal", column)
    leaves_nothing(cell, PERSON)


@pytest.mark.parametrize(
    ("column", "value"),
    [("rule", "listed-name"), ("params", '{"node":"him"}'), ("score", 0.5), ("latitude", 1.0)],
)
def test_a_pointer_that_says_more_than_its_subject_is_refused(pair, column, value):
    bank, cell = pair
    holding(bank)
    packed = send(bank, cell, offered=offers.offer(bank, READER, pointers=["person:parcels:0"]))
    rows = changed(packed, column, [value])
    forged = signed(bank, cell, packed, "disclosure", rows, forms={"pointer": 1})
    params = refuses("exchange.column-outside", cell, forged)
    assert (params["form"], params["column"]) == ("pointer", column)
    leaves_nothing(cell, PERSON)
    assert receive(cell, packed.data)[0].accepted == 1


@pytest.mark.parametrize("form", ["evidence", "gift", ""])
def test_a_form_that_no_disclosure_has_is_refused(pair, form):
    bank, cell = pair
    packed = send(holding(bank), cell)
    rows = changed(packed, "form", ["signal", form, "signal"])
    forged = signed(bank, cell, packed, "disclosure", rows, forms={"signal": 2, form: 1})
    params = refuses("exchange.form-outside", cell, forged)
    assert (params["kind"], params["form"]) == ("disclosure", form)


def test_forms_that_are_not_those_of_the_rows_are_refused(pair):
    bank, cell = pair
    forged = resigned(bank, send(holding(bank), cell), forms={"pointer": 3})
    params = refuses("exchange.forms-differ", cell, forged)
    assert (params["said"], params["found"]) == ("3 pointer", "3 signal")


def test_a_bundle_is_the_same_for_the_same_rows(pair):
    bank, cell = pair
    holding(bank)
    assert send(bank, cell).data == send(bank, cell).data
    assert send(bank, cell, now=NOW + timedelta(seconds=1)).data != send(bank, cell).data


@pytest.mark.parametrize("share", [0.0, 0.02, 0.3, 0.5, 0.9, 0.999])
def test_a_truncated_file_is_refused(pair, share):
    bank, cell = pair
    data = send(holding(bank), cell).data
    refuses("exchange.no-bundle", cell, data[: int(len(data) * share)])


def test_any_changed_byte_is_refused(pair):
    bank, cell = pair
    data = send(holding(bank), cell).data
    step = max(len(data) // 300, 1)
    for at in range(0, len(data), step):
        changed = bytearray(data)
        changed[at] ^= 0x20
        with pytest.raises((Refusal, gateways.Refusal)):
            receive(cell, bytes(changed))
    assert not cell.acts_of("received", "ingest")


def test_an_unknown_key_is_refused(pair, tmp_path):
    bank, _ = pair
    stranger = floor(tmp_path, "far")
    trust(bank, stranger)
    params = refuses("exchange.unsigned", stranger, send(holding(bank), stranger).data)
    assert params["signer"] == "bank-a"


def test_a_removed_peer_is_refused_by_name(pair):
    bank, cell = pair
    data = send(holding(bank), cell).data
    peers.distrust(cell, WHO, "bank-a", "its key was copied")
    params = refuses("exchange.removed-peer", cell, data)
    assert (params["name"], params["why"]) == ("bank-a", "its key was copied")


def test_a_bundle_for_another_node_is_refused(pair, tmp_path):
    bank, cell = pair
    police = floor(tmp_path, "police")
    trusting(bank, cell, police)
    data = send(holding(bank), police).data
    params = refuses("exchange.for-another", cell, data)
    assert (params["to"], params["name"]) == ("police", "cell")


def test_who_signs_as_another_is_refused(pair, tmp_path):
    bank, cell = pair
    lab = floor(tmp_path, "lab")
    trusting(bank, cell, lab)
    packed = send(holding(bank), cell)
    forged = resigned(lab, packed)
    params = refuses("exchange.other-signer", cell, forged)
    assert (params["said"], params["sender"]) == ("bank-a", "lab")


def test_a_sender_that_says_it_is_something_else_is_refused(pair):
    bank, cell = pair
    packed = send(holding(bank), cell)
    other = msgspec.structs.replace(packed.manifest.sender, country="USA")
    params = refuses("exchange.sender-differs", cell, resigned(bank, packed, sender=other))
    assert (params["said"], params["known"]) == ("joint-cell, USA", "joint-cell, CAN")


def test_a_gateway_that_ended_yesterday_is_refused(pair):
    bank, cell = pair
    packed = send(holding(bank), cell)
    ended = dataclasses.replace(TOY, expires=NOW.date() - timedelta(days=1))
    assert refuses("gateway.ended", cell, packed.data, gateways={"toy": ended})["expires"] == "2026-11-23"
    last = dataclasses.replace(TOY, expires=NOW.date())
    assert receive(cell, packed.data, gateways={"toy": last})[0].accepted == 3


def test_an_exercise_and_the_world_do_not_mix(pair):
    bank, cell = pair
    packed = send(holding(bank), cell)
    assert packed.manifest.exercise
    refuses("exchange.into-exercise", cell, resigned(bank, packed, exercise=False))
    settings = msgspec.structs.replace(cell.settings, exercise=False)
    real = type(cell)(cell.root, settings, cell.key)
    refuses("exchange.from-exercise", real, packed.data)


def test_what_was_stored_and_not_logged_is_logged_when_it_comes_again(pair, monkeypatch):
    """A process that ends between the delivery and its act leaves no more than that undone."""
    bank, cell = pair
    packed = send(holding(bank), cell)

    def ended(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("watchfloor.store.writer.Writer.act", ended)
        with pytest.raises(KeyboardInterrupt):
            receive(cell, packed.data)
    assert not cell.acts_of("received")
    got, receipt = receive(cell, packed.data)
    assert (got.accepted, got.duplicate, got.before) == (0, 3, None)
    assert signed_notices.read(bank, receipt.encode(), "r").body["missing"] == []


def test_an_unknown_gateway_is_refused(pair):
    bank, cell = pair
    data = send(holding(bank), cell).data
    assert refuses("exchange.unknown-gateway", cell, data, gateways={})["gateway"] == "toy"


def test_a_bundle_from_tomorrow_is_refused(pair):
    bank, cell = pair
    packed = send(holding(bank), cell, now=NOW + timedelta(days=3))
    refuses("exchange.from-the-future", cell, packed.data)


def test_two_bundles_of_one_id_are_not_one(pair):
    bank, cell = pair
    packed = send(holding(bank), cell)
    receive(cell, packed.data)
    other = resigned(bank, packed, created="2026-11-24T11:00:00+00:00")
    refuses("exchange.same-id", cell, other)


@pytest.mark.parametrize(
    ("columns", "message", "params"),
    [
        ({"rows": 4}, "exchange.bundle-count", {"found": 3, "wanted": 4}),
        ({"root": "00" * 32}, "exchange.bundle-root", {}),
        ({"format": "watchfloor-bundle/9"}, "exchange.bundle-format", {"found": "watchfloor-bundle/9"}),
        ({"rows": bundle.MAX_ROWS + 1}, "exchange.too-large", {"size": bundle.MAX_ROWS + 1}),
        ({"created": "yesterday"}, "exchange.bad-marking", {}),
        ({"forms": {"signal": 2}}, "exchange.bundle-count", {"wanted": 3}),
    ],
)
def test_a_manifest_that_does_not_fit_its_rows_is_refused(pair, columns, message, params):
    bank, cell = pair
    packed = send(holding(bank), cell)
    found = refuses(message, cell, resigned(bank, packed, **columns))
    assert found == {**found, **params}


@pytest.mark.parametrize(
    "name", ["../../evil/x", "/tmp/0123456789a", "0123456789abcde", "0123456789ABCDEF", "0123456789abcdef\n"]
)
def test_an_id_that_no_bundle_has_is_refused(pair, name):
    bank, cell = pair
    packed = send(holding(bank), cell)
    assert bundle.ID.fullmatch(packed.manifest.bundle)
    assert refuses("exchange.bundle-id", cell, resigned(bank, packed, bundle=name))["bundle"] == name


def test_a_part_that_was_exchanged_is_refused(pair):
    bank, cell = pair
    packed, other = send(holding(bank), cell), send(bank, cell, tear_line=READER_LINE)
    mixed = members(packed.data) | {"disclosure.arrow": members(other.data)["disclosure.arrow"]}
    refuses("exchange.part-digest", cell, tar(mixed.items()))


READER_LINE = parse(MARKING)


@pytest.mark.parametrize(
    "name",
    [
        "../disclosure.arrow",
        "/etc/passwd",
        "a/disclosure.arrow",
        "judgement.arrow",
        "disclosure.arrow ",
        "./x",
    ],
)
def test_paths_that_no_bundle_has_are_refused(pair, name):
    bank, cell = pair
    content = members(send(holding(bank), cell).data)
    refuses("exchange.strange-file", cell, tar([*content.items(), (name, b"x")]))


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.DIRTYPE, tarfile.FIFOTYPE])
def test_links_and_devices_are_refused(pair, kind):
    bank, cell = pair
    content = members(send(holding(bank), cell).data)
    assert content
    data = tar([("reading.arrow", b"")], type=kind)
    refuses("exchange.strange-file", cell, data)


def test_what_follows_the_bundle_is_refused(pair):
    bank, cell = pair
    content = members(send(holding(bank), cell).data)
    refuses("exchange.bundle-more", cell, tar([*content.items(), ("party.arrow", b"")]))


def test_a_bomb_is_refused_before_it_is_read(pair, monkeypatch):
    bank, cell = pair
    data = send(holding(bank), cell).data
    monkeypatch.setattr(bundle, "MAX_BYTES", len(data) - 1)
    assert refuses("exchange.too-large", cell, data)["size"] == len(data)
    monkeypatch.undo()
    monkeypatch.setattr(bundle, "MAX_NOTE", 100)
    assert refuses("exchange.too-large", cell, data)["what"] == bundle.NOTE


def test_a_compressed_part_is_refused(pair):
    bank, cell = pair
    packed = send(holding(bank), cell)
    rows = pa.ipc.open_stream(members(packed.data)["disclosure.arrow"]).read_all()
    many = pa.concat_tables([rows] * 2000).combine_chunks()
    sink = pa.BufferOutputStream()
    options = pa.ipc.IpcWriteOptions(compression="zstd")
    with pa.ipc.new_stream(sink, many.schema, options=options) as writer:
        writer.write_table(many)
    small = bytes(sink.getvalue())
    part = bundle.part_of("disclosure", many, small)
    manifest = msgspec.structs.replace(packed.manifest, rows=many.num_rows, parts=(part,))
    refuses("exchange.part-compressed", cell, bundle.pack(manifest, {"disclosure": small}, bank.signer))


def signed(one, cell, packed, kind, rows, **columns):
    """A bundle of other rows, which its sender has signed and packed as it should be."""
    data, hashes = bundle.stream(rows), bundle.leaves(kind, rows)
    manifest = msgspec.structs.replace(
        packed.manifest,
        parts=(bundle.part_of(kind, rows, data),),
        rows=rows.num_rows,
        root=bundle.root_of(hashes),
        **({"forms": {"signal": rows.num_rows}} | columns),
    )
    return bundle.pack(manifest, {kind: data}, one.signer)


def changed(packed, name, values):
    rows = pa.ipc.open_stream(members(packed.data)["disclosure.arrow"]).read_all()
    at = rows.schema.get_field_index(name)
    return rows.set_column(at, rows.schema.field(at), pa.array(values, rows.schema.field(at).type))


def test_secret_is_withheld_at_a_protected_b_door_and_leaves_no_byte(tmp_path):
    service = floor(tmp_path, "service", ceiling="PB//S//TLP:RED")
    cell = floor(tmp_path, "cell", ceiling="PB//TLP:RED")
    trust(cell, service)
    trust(service, cell, ceiling="PB//S")  # the sender is wrong about what the cell may hold
    secret = party(1, name="Hidden Source", marking="S//TLP:RED")
    ids = keep(service, [party(0)]) + _kept_secret(service, secret)
    rows = [signal(service, 0, ids[:1]), signal(service, 1, ids[1:], marking="S//TLP:RED", subjects=[SHIP])]
    assert_(service, rows)
    cleared = Reader("officer", purpose="a test", classified=2)
    given = offers.offer(service, cleared, signals=service.signals(cleared))
    packed = send(service, cell, offered=given)
    assert packed.manifest.rows == 2
    got, receipt = receive(cell, packed.data)
    assert dict(got.withheld) == {"marked above this floor's ceiling": 1}
    assert cell.acts_of("received")[0].detail["marking"] == MARKING  # so that it is listed here
    assert got.accepted == 1
    for place in cell.root.rglob("*"):
        if place.is_file():
            assert SHIP.encode() not in place.read_bytes()
    with service.writer(WHO) as writer:
        compared = receipts.receive(service, writer, signed_notices.read(service, receipt.encode(), "r"))
    assert compared.agrees
    assert compared.missing == (rows[1]["row_id"].hex(),)
    assert compared.lost == 0


def _kept_secret(one, row):
    cleared = Reader("officer", purpose="a test", classified=2)
    schema = PARTY.schema.remove(0)
    table = pa.Table.from_pylist([dict.fromkeys(schema.names) | row], schema).drop_columns(["delivery"])
    with one.writer(WHO) as writer:
        writer.append(PARTY, table)
    return [r["record_id"] for r in one.read("party", cleared).to_pylist() if r["name"] == row["name"]]


@pytest.mark.parametrize(
    ("column", "values", "told"),
    [
        ("marking", [MARKING, f"{MARKING}//REL:USA", MARKING], receiving.NOT_HERE),
        ("subjects", [[SHIP], [], [SHIP]], receiving.NO_SUBJECT),
        ("subjects", [[SHIP], ["nobody"], [SHIP]], receiving.NO_SUBJECT),
        ("latitude", [None, 91.0, None], receiving.NO_PLACE),
    ],
)
def test_rows_that_cannot_be_are_withheld_at_the_door(pair, column, values, told):
    bank, cell = pair
    packed = send(holding(bank), cell)
    rows = changed(packed, column, values)
    got, _ = receive(cell, signed(bank, cell, packed, "disclosure", rows))
    assert got.accepted == 2
    assert list(got.withheld) == [told]


def test_a_marking_that_nobody_defined_refuses_the_bundle(pair):
    bank, cell = pair
    packed = send(holding(bank), cell)
    rows = changed(packed, "marking", [MARKING, "QX", MARKING])
    data = signed(bank, cell, packed, "disclosure", rows)
    assert "QX" in refuses("exchange.bad-marking", cell, data)["problem"]


def test_what_decides_does_not_travel(pair):
    bank, cell = pair
    packed = send(holding(bank), cell)
    rows = pa.ipc.open_stream(members(packed.data)["disclosure.arrow"]).read_all()
    data = bundle.stream(rows)
    part = msgspec.structs.replace(packed.manifest.parts[0], kind="judgement")
    manifest = msgspec.structs.replace(packed.manifest, parts=(part,))
    params = refuses("exchange.bundle-kind", cell, bundle.pack(manifest, {"disclosure": data}, bank.signer))
    assert params["kind"] == "judgement"


def test_a_sentence_of_another_version_is_told_in_its_place(pair):
    bank, cell = pair
    packed = send(holding(bank), cell)
    rows = changed(packed, "message", ["exchange.pointer", "future.rule", "exchange.pointer"])
    got, receipt = receive(cell, signed(bank, cell, packed, "disclosure", rows))
    kept = cell.read("disclosure", READER)["message"].to_pylist()
    assert sorted(kept) == [UNTOLD.id, "exchange.pointer", "exchange.pointer"]
    assert signed_notices.read(bank, receipt.encode(), "r").body["missing"] == []
    assert got.accepted == 3


def test_a_refusal_is_logged(pair):
    from watchfloor.exchange.bundles.receiving import log_refusal

    bank, cell = pair
    data = send(holding(bank), cell).data[:-2000]
    with pytest.raises(Refusal) as error:
        receive(cell, data)
    log_refusal(cell, WHO, "cut.bundle", data, error.value.reason)
    (act,) = cell.acts_of("bundle-refused")
    assert act.detail["file"] == "cut.bundle"
    assert act.detail["message"] == "exchange.no-bundle"


def test_readings_travel_with_their_lists(pair):
    bank, cell = pair
    row = {
        "report_key": "S-1",
        "source": "lab",
        "origins": ["first"],
        "observed_at": NOW,
        "marking": MARKING,
        "locator": "line 1",
        "subject": SHIP,
        "instrument": "gc",
        "method": "gc-ms",
        "peaks": [1.0, 2.5],
        "intensity": [0.5, 1.0],
    }
    keep(bank, [row], READING)
    given = offers.offer(bank, READER, records={"reading": bank.read("reading", READER)})
    receive(cell, send(bank, cell, offered=given).data)
    (got,) = cell.read("reading", READER).to_pylist()
    assert got["peaks"] == [1.0, 2.5]
    assert "first" not in got["origins"][0]


def test_a_statement_is_part_of_what_is_signed(pair):
    bank, cell = pair
    packed = send(holding(bank), cell)
    empty = msgspec.structs.replace(packed.manifest.terms, test=" ")
    refuses("gateway.no-test", cell, resigned(bank, packed, terms=empty))
    assert STATED.test_met == packed.manifest.terms.test
    assert date.fromisoformat(packed.manifest.created[:10]) == NOW.date()


def forged(one, packed, **columns):
    """A bundle of parties whose sender says in these columns what it likes, and signs that."""
    (kind,) = (part.kind for part in packed.manifest.parts)
    with pa.ipc.open_stream(members(packed.data)[f"{kind}.arrow"]) as reader:
        rows = reader.read_all()
    for name, value in columns.items():
        here = name in rows.column_names
        field = rows.schema.field(name) if here else name
        kept = pa.repeat(pa.scalar(value, field.type) if here else pa.scalar(value), rows.num_rows)
        rows = (rows.drop_columns([name]) if here else rows).append_column(field, kept)
    known = [name for name in bundle.columns_of(kind) if name in rows.column_names]
    rows = rows.select([*known, *(name for name in columns if name not in known)])
    data = bundle.stream(rows)
    part, root = bundle.part_of(kind, rows, data), bundle.root_of(bundle.leaves(kind, rows.select(known)))
    name = sha256(repr(columns).encode()).hexdigest()[:16]
    manifest = msgspec.structs.replace(packed.manifest, bundle=name, parts=(part,), root=root)
    return bundle.pack(manifest, {kind: data}, one.signer)


def test_no_node_s_edition_replaces_a_record_of_another_s_or_of_this_node_s_feeds(tmp_path):
    """Row H2 of the review, over bundles: a sender chooses the key of its rows, and nobody else's name."""
    bank, rival, cell = trusting(*(floor(tmp_path, name) for name in ("bank-a", "bank-b", "cell")))
    keep(cell, [party(0, name="Ours", marking="PB//TLP:RED")])
    bundles = {}
    for one, name in ((bank, "Theirs"), (rival, "First")):
        keep(one, [party(0, name=name)])
        rows = one.read("party", READER)
        bundles[name] = send(one, cell, offered=offers.offer(one, READER, records={"party": rows}))
        receive(cell, bundles[name].data)

    def standing():
        rows = cell.read("party", Reader("officer", purpose="a test", tlp=4), latest=True).to_pylist()
        return {(row["source"], row["report_key"]): row["name"] for row in rows}

    before = standing()
    keys = dict(before.keys())
    assert before == {
        ("parcels", "P-0"): "Ours",
        ("node:bank-a", keys["node:bank-a"]): "Theirs",
        ("node:bank-b", keys["node:bank-b"]): "First",
    }
    for number, key in enumerate((keys["parcels"], keys["node:bank-a"])):
        got, _ = receive(cell, forged(rival, bundles["First"], report_key=key, name=f"Forged {number}"))
        assert got.accepted == 1
        before |= {("node:bank-b", key): f"Forged {number}"}
        assert standing() == before, "it stands beside them, under the name of who signed it"
    receive(cell, forged(rival, bundles["First"], report_key=keys["node:bank-b"], name="Second"))
    assert standing() == before | {("node:bank-b", keys["node:bank-b"]): "Second"}, "its own it replaces"
    for column, value in (("source", "parcels"), ("record_id", bytes(16)), ("delivery", bytes(32))):
        data = forged(rival, bundles["First"], **{column: value})
        assert refuses("exchange.bundle-column", cell, data)["column"] == column
    assert reserved("node:bank-a"), "no feed of files has a node's name"
