"""Two or more nodes with keys exchanged, and rows for them to send."""

from datetime import UTC, date, datetime, timedelta

import pyarrow as pa

from watchfloor.core.derived import SIGNAL, row_id
from watchfloor.core.kinds import KINDS, PARTY
from watchfloor.core.marking import parse
from watchfloor.exchange.bundles import offers, peers, receipts, receiving, sending
from watchfloor.policy.gateways import Gateway, Statement
from watchfloor.policy.policy import Reader
from watchfloor.store import Actor, Floor

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
WHO = Actor("officer", "a test", "an Act")
READER = Reader("officer", purpose="a test")
MARKING = "PB//TLP:AMBER"
SHIP, ACCOUNT = "vessel:imo:9074729", "account:iban:FI2112345600000785"

SIGNALS = frozenset(
    {"since", "until", "desk", "rule", "subjects", "strength", "score", "message", "params"}
    | {"latitude", "longitude", "radius"}
)


def gateway(**columns):
    """A gateway that lets anybody of ours send anything to anybody of ours."""
    everybody = frozenset({"joint-cell", "reporting-entity", "laboratory", "police"})
    fields = {kind: frozenset(KINDS[kind].schema.names) for kind in ("party", "payment", "reading", "report")}
    plain = {
        "id": "toy",
        "law": "Toy Act",
        "section": "1",
        "also": (),
        "from_": everybody,
        "to": everybody,
        "purpose": "a test",
        "test": {"en": "It is a toy.", "fr": "C’est un jouet."},
        "fields": {"disclosure": SIGNALS, **fields},
        "forms": frozenset({"signal", "pointer", "evidence"}),
        "since": date(2020, 1, 1),
    }
    return Gateway(**(plain | columns))


TOY = gateway()
STATED = Statement("the file says so", "A. Officer", "a test")


def floor(path, name, ceiling="PB//TLP:RED", institution="joint-cell", country="CAN"):
    return Floor.create(
        path / name, WHO, name=name, ceiling=ceiling, institution=institution, country=country, exercise=True
    )


def trusting(*floors):
    """The same floors, each with all others among its peers."""
    for one in floors:
        for other in floors:
            if one is not other:
                trust(one, other)
    return floors


def trust(one, other, **columns):
    said = {
        "name": other.settings.name,
        "institution": other.settings.institution,
        "country": other.settings.country,
        "ceiling": other.settings.ceiling,
        "checked": "read out by phone",
    }
    return peers.trust(one, WHO, other.signer.verifier.text, **(said | columns))


def party(number, **columns):
    plain = {
        "report_key": f"P-{number}",
        "source": "parcels",
        "origins": [],
        "observed_at": NOW - timedelta(days=number + 1),
        "marking": MARKING,
        "locator": f"line {number}",
        "subject": f"person:parcels:{number}",
        "role": "consignee",
        "name": f"Zarbek Tolunay {number}",
    }
    return plain | columns


def keep(one, rows, kind=PARTY):
    """Write evidence; gives its ids."""
    schema = kind.schema.remove(0)
    table = pa.Table.from_pylist([dict.fromkeys(schema.names) | row for row in rows], schema)
    with one.writer(WHO) as writer:
        before = set(one.read(kind.name, READER)["record_id"].to_pylist()) if rows else set()
        writer.append(kind, table.drop_columns(["delivery"]))
    after = one.read(kind.name, READER)
    found = {r["report_key"]: r["record_id"] for r in after.to_pylist() if r["record_id"] not in before}
    return [found[row["report_key"]] for row in rows if row["report_key"] in found]


def signal(one, number, evidence, **columns):
    plain = {
        "row_id": row_id(one.key, "toy", "listed-name", (str(number),), ""),
        "revision": 0,
        "at": NOW - timedelta(hours=1),
        "retracted": False,
        "desk": "toy",
        "rule": "listed-name",
        "subjects": [f"person:parcels:{number}"],
        "strength": "exact",
        "score": 0.97,
        "reason": {"message": "exchange.pointer", "params": '{"node":"toy"}'},
        "evidence": evidence,
        "coverage": [],
        "origins": [],
        "marking": MARKING,
    }
    return dict.fromkeys(SIGNAL.names) | plain | columns


def assert_(one, rows, desk="toy"):
    """Keep signals as a desk's run."""
    with one.writer(WHO) as writer:
        writer.keep_run(desk, "1", one.position, {}, {"signal": pa.Table.from_pylist(rows, SIGNAL)})


def holding(one, count=3, **columns):
    """A floor that holds some parties and a signal about each."""
    ids = keep(one, [party(number) for number in range(count)])
    assert_(one, [signal(one, number, [ids[number]], **columns) for number in range(count)])
    return one


def send(one, other, *, through=TOY, stated=STATED, now=NOW, offered=None, reader=READER, **options):
    """The bundle that one sends to another of all its signals, or of what is offered."""
    peer = peers.standing(one)[other.settings.name]
    given = offered or offers.offer(one, reader, signals=one.signals(reader))
    packed = sending.make(one, reader, peer, through, stated, given, now, **options)
    with one.writer(WHO) as writer:
        sending.log(writer, packed, peer)
    return packed


def receive(one, data, *, gateways=None, now=NOW, file="file.bundle"):
    with one.writer(WHO) as writer:
        got = receiving.receive(one, writer, data, file, {"toy": TOY} if gateways is None else gateways, now)
        return got, receipts.give(one, writer, got, now)


def marked(text):
    return str(parse(text))
