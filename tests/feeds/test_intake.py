import gzip
from contextlib import contextmanager
from datetime import UTC, date, datetime
from io import BytesIO

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.formats.workbooks import xlsx
from tests.thorough import draws

from watchfloor.core.kinds import PARTY
from watchfloor.core.marking import parse
from watchfloor.feeds import config
from watchfloor.feeds.complete import Completion
from watchfloor.feeds.corrections import Earlier
from watchfloor.feeds.intake import CommittedDelivery, Orders, ingest, ingest_all, tally
from watchfloor.feeds.original import locate, original
from watchfloor.feeds.rereading import retry
from watchfloor.feeds.walk import Aside, Item
from watchfloor.formats.base import WHOLE_FILE, Batch
from watchfloor.formats.lists.listing_rows import UNDATED
from watchfloor.formats.tabular import mapping
from watchfloor.policy.policy import Reader
from watchfloor.store import Actor, Floor, UnknownRecord
from watchfloor.store.blobs import spool

ACTOR = Actor("clerk", "test", "none needed")
READER = Reader("clerk")
HEAD = "report_key,role,name,schema,birth_date,country,observed_at\n"
GOOD = HEAD + "1,payee,Ann Roy,Person,1971,CA,2026-11-24\n2,payee,Bo Ltd,Company,,,2026-11-24\n"
BAD = (
    GOOD
    + '3,payee,"broken,Person,,,2026-11-24\n'
    + "4,payee,Cy,Person,1971-02-30,,2026-11-24\n5,payee,Di,Person,,,2026-11-24\n"
)


@pytest.fixture
def floor(tmp_path):
    return Floor.create(tmp_path / "floor", ACTOR, ceiling="PB//TLP:RED")


def take(floor, *paths, **orders):
    feeds = config.load(floor.root)
    with floor.writer(ACTOR) as writer:
        return tally(ingest_all(writer, paths, feeds, Orders(**orders)))


def again(floor, **orders):
    with floor.writer(ACTOR) as writer:
        waiting = floor.quarantine()
        return tally(retry(floor, writer, config.load(floor.root), Orders(**orders), waiting))


def parties(floor, column="name"):
    return floor.read("party", READER).column(column).to_pylist()


def balanced(floor):
    sums = floor.accounting().values()
    return all(a.received == a.accepted + a.duplicate + a.quarantined + a.withheld for a in sums)


def test_a_delivery_adds_up_and_a_repeated_one_writes_nothing(floor, tmp_path):
    path = tmp_path / "parties-2026.csv"
    path.write_text(BAD, encoding="utf-8")
    first = take(floor, path)
    assert first.total == (5, 3, 0, 2, 0)
    assert list(first.feeds()) == ["parties"]
    assert take(floor, path).total == (5, 0, 5, 0, 0)
    assert parties(floor) == ["Ann Roy", "Bo Ltd", "Di"]
    assert parties(floor, "subject") == ["person:parties:1", "company:parties:2", "person:parties:5"]
    assert balanced(floor)
    assert floor.acts()[-1].actor == ACTOR


def test_every_record_leads_to_its_bytes(floor, tmp_path):
    path = tmp_path / "p.csv"
    path.write_text(HEAD + '1,payee,"Ann\nRoy",Person,1971,CA,2026-11-24\n', encoding="utf-16")
    take(floor, path)
    (record_id,) = parties(floor, "record_id")
    found = original(floor, record_id, READER)
    assert found.piece.decode("utf-16-le") == '1,payee,"Ann\nRoy",Person,1971,CA,2026-11-24'
    assert found.names == (path.as_posix(),)
    assert original(floor, record_id.hex()[:8], READER).row["name"] == "Ann\nRoy"
    with pytest.raises(UnknownRecord):
        original(floor, "00" * 16, READER)
    with pytest.raises(UnknownRecord):
        original(floor, record_id, Reader("guest", protected=0))


def test_rows_of_workbooks_and_elements_have_originals_too():
    data = xlsx(Liste=[["a", "b"], ["1", "2"]])
    assert locate(BytesIO(data), "sheet Liste, row 2") == b'["1", "2"]'
    entry = "<uid>7</uid><lastName>Ann</lastName><sdnType>Entity</sdnType>"
    xml = f"<sdnList><sdnEntry>{entry}</sdnEntry></sdnList>".encode()
    assert b"Ann" in locate(BytesIO(xml), "item 7")
    assert locate(BytesIO(xml), "item 8") is None
    assert locate(BytesIO(xml), WHOLE_FILE) is None
    assert locate(BytesIO(b"a,b\n"), "item 7") is None


@settings(deadline=None, max_examples=draws(50))
@given(
    st.integers(0, 400),
    st.lists(st.sampled_from(["x", "é", '"a\nb"', '"a ""b"""']), min_size=401, max_size=401),
)
def test_any_line_is_found_again(number, names):
    lines = ["a,b", *(f"{i},{name}" for i, name in enumerate(names))]
    starts = [1]
    for line in lines:
        starts.append(starts[-1] + 1 + line.count("\n"))
    data = "\n".join(lines).encode()
    assert locate(BytesIO(data), f"line {starts[number]}") == lines[number].encode()


def test_equal_rows_without_a_number_stay_two(floor, tmp_path):
    path = tmp_path / "d.csv"
    row = "payee,Ann,2026-11-24\n"
    path.write_text("role,name,observed_at\n" + row * 2, encoding="utf-8")
    assert take(floor, path).total == (2, 2, 0, 0, 0)
    assert take(floor, path).total == (2, 0, 2, 0, 0)
    one, two = parties(floor, "subject")
    assert one == two
    assert one.startswith("person:d:~")


def test_a_repeated_report_key_is_noted(floor, tmp_path):
    path = tmp_path / "p.csv"
    path.write_text(GOOD + "2,payee,Ed,Person,,,2026-11-24\n", encoding="utf-8")
    (note,) = take(floor, path).taken[0].notes
    assert "1 rows repeat a report_key" in note


def test_unknown_empty_and_strange_files_are_left_aside(floor, tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.txt").write_text("hello")
    (folder / "b.csv").write_text("")
    (folder / "c.csv").write_text("Nom;Pays\nA;CA\n")
    sums = take(floor, folder)
    reasons = [one.reason for one in sums.aside]
    assert "no format known" in reasons[0]
    assert reasons[1] == "is empty"
    assert "watchfloor feeds map" in reasons[2]
    assert not sums.whole
    assert not floor.deliveries()


def test_names_of_anybody_are_no_official_list_unless_somebody_says_so(floor, tmp_path):
    path = tmp_path / "travellers.csv"
    path.write_text("id,name,birth_date,country,schema\n1,Ann Roy,1971,CA,Person\n", encoding="utf-8")
    (aside,) = take(floor, path).aside
    assert not aside.harmless
    assert "--format listing-csv" in aside.reason
    assert take(floor, path, format="listing-csv").total.accepted == 2, "the item, and that it is all"


def test_a_file_that_is_not_what_was_said_waits_whole(floor, tmp_path):
    path = tmp_path / "c.csv"
    path.write_text("Nom;Pays\nAnn;CA\nBo;Ruritania\n", encoding="utf-8")
    assert take(floor, path, format="party-csv", source="clients").total == (1, 0, 0, 1, 0)
    (piece,) = floor.quarantine()
    assert "no column 'observed_at'" in piece.reason
    constants = '[constants]\nrole="payee"\nobserved_at="2026-11-24"'
    text = f'kind="party"\n[fields]\nname="Nom"\ncountry="Pays"\n{constants}'
    better = mapping.parse(text, "m.toml")
    assert again(floor, mapping=better).total == (2, 1, 0, 1, 0)
    assert floor.accounting()["clients"] == (2, 1, 0, 1, 0)
    looser = mapping.parse(text.replace('"Pays"', '{from="Pays", values={Ruritania=""}}'), "m.toml")
    assert again(floor, mapping=looser).total == (1, 1, 0, 0, 0)
    assert floor.accounting()["clients"] == (2, 2, 0, 0, 0)
    assert sorted(parties(floor)) == ["Ann", "Bo"]
    assert not floor.quarantine()


def test_a_retry_that_brings_nothing_writes_nothing(floor, tmp_path):
    path = tmp_path / "p.csv"
    path.write_text(BAD, encoding="utf-8")
    take(floor, path)
    before = floor.position
    sums = again(floor)
    assert not sums.taken
    assert "still cannot be read" in sums.aside[0].reason
    assert floor.position == before


def test_a_held_row_equal_to_one_that_was_read_is_not_lost(floor, tmp_path, monkeypatch):
    path = tmp_path / "p.csv"
    row = "payee,Ann,2026-11-24\n"
    path.write_text("role,name,observed_at\n" + row * 3, encoding="utf-8")
    true = mapping.apply

    def refuses_the_second(how, rows):
        for piece in true(how, rows):
            if isinstance(piece, Batch):
                yield Batch(piece.kind, piece.rows.take([0, 2]))
                yield mapping.Fault("line 3", "not today", b"x")

    monkeypatch.setattr(mapping, "apply", refuses_the_second)
    assert take(floor, path).total == (3, 2, 0, 1, 0)
    monkeypatch.setattr(mapping, "apply", true)
    assert again(floor).total == (1, 1, 0, 0, 0)
    assert floor.accounting()["p"] == (3, 3, 0, 0, 0)
    assert len(set(parties(floor, "record_id"))) == 3


def test_a_cut_archive_keeps_what_there_is_and_says_what_is_missing(floor, tmp_path):
    rows = "".join(f"{i},payee,Name {i},Person,1971,CA,2026-11-24\n" for i in range(20_000))
    whole = gzip.compress((HEAD + rows).encode())
    (tmp_path / "p.csv.gz").write_bytes(whole[: len(whole) // 2])
    total = take(floor, tmp_path / "p.csv.gz").total
    assert total.accepted > 100
    assert total.quarantined == 1
    (piece,) = floor.quarantine()
    assert "cut" in piece.reason
    assert all(name.startswith("Name ") for name in parties(floor))
    assert again(floor).taken == []
    assert take(floor, tmp_path / "p.csv.gz").total.accepted == 0


def test_what_is_marked_above_the_ceiling_stays_outside(floor, tmp_path):
    path = tmp_path / "p.csv"
    path.write_text(GOOD, encoding="utf-8")
    sums = take(floor, path, marking=parse("S//TLP:RED"))
    assert sums.total == (2, 0, 0, 0, 2)
    assert not parties(floor)
    (delivery,) = floor.deliveries()
    assert delivery.size == 0
    assert not any(GOOD.encode() in file.read_bytes() for file in floor.root.rglob("*") if file.is_file())


def test_settings_of_a_feed_are_followed(floor, tmp_path):
    (floor.root / config.NAME).write_text(
        '[feeds.parcels]\npaths = ["x*.csv"]\nmarking = "PA//TLP:GREEN"\nretain_days = 30000\n',
        encoding="utf-8",
    )
    (tmp_path / "x1.csv").write_text(GOOD, encoding="utf-8")
    take(floor, tmp_path / "x1.csv")
    assert set(parties(floor, "source")) == {"parcels"}
    assert set(parties(floor, "marking")) == {"PA//TLP:GREEN//UNTIL:2109-01-13"}


def test_rows_older_than_the_retention_are_withheld():
    rows = pa.Table.from_pylist(
        [
            {
                "name": "Ann",
                "role": "payee",
                "locator": "line 2",
                "observed_at": datetime(year, 1, 1, tzinfo=UTC),
                "report_key": str(year),
                "origins": [],
                "identifiers": [],
            }
            for year in (2020, 2026)
        ],
        schema=PARTY.body,
    )
    completion = Completion("p", parse("PB//TLP:AMBER"), 365, b"k" * 32, date(2026, 11, 24))
    kept, expired = completion.complete(Batch(PARTY, rows))
    assert expired == 1
    assert kept.column("report_key").to_pylist() == ["2026"]
    assert kept.column("marking").to_pylist() == ["PB//TLP:AMBER//UNTIL:2027-01-01"]
    undated = rows.slice(0, 1).set_column(
        rows.schema.get_field_index("observed_at"),
        rows.schema.field("observed_at"),
        pa.array([UNDATED], rows.schema.field("observed_at").type),
    )
    kept, expired = completion.complete(Batch(PARTY, undated))  # no day: as if of the day it came
    assert (expired, kept.column("marking").to_pylist()) == (0, ["PB//TLP:AMBER//UNTIL:2027-11-24"])


def test_a_file_that_changes_while_it_is_read_is_not_kept(floor, tmp_path, monkeypatch):
    path = tmp_path / "p.csv"
    path.write_text(GOOD, encoding="utf-8")

    def spool_then_write(root, stream):
        blob = spool(root, stream)
        with path.open("a", encoding="utf-8") as file:
            file.write("more\n")
        return blob

    monkeypatch.setattr("watchfloor.store.blobs.spool", spool_then_write)
    sums = take(floor, path)
    assert "changed while it was read" in sums.aside[0].reason
    assert not floor.deliveries()


def test_a_disk_that_fails_leaves_nothing(floor, tmp_path):
    @contextmanager
    def opened():
        yield Broken()

    class Broken:
        damage = ""
        reads = 0

        def read(self, size=-1, /):
            self.reads += 1
            if self.reads > 1:
                raise OSError(5, "Input/output error")
            return GOOD.encode()

        def check(self):
            pass

    with floor.writer(ACTOR) as writer:
        left = ingest(writer, Item("p.csv", "p.csv", opened), config.Feeds(), Orders(), Earlier(writer))
    assert isinstance(left, Aside)
    assert "Input/output error" in left.reason
    assert not floor.deliveries()


def test_a_reader_that_fails_loses_nothing(floor, tmp_path, monkeypatch):
    def fails(how, rows):
        yield Batch(PARTY, pa.Table.from_pylist([], schema=PARTY.body))
        raise ZeroDivisionError("oh")

    path = tmp_path / "p.csv"
    path.write_text(GOOD, encoding="utf-8")
    true = mapping.apply
    monkeypatch.setattr(mapping, "apply", fails)
    assert take(floor, path).total.quarantined == 1
    assert "please report" in floor.quarantine()[0].reason
    monkeypatch.setattr(mapping, "apply", true)
    assert again(floor).total == (2, 2, 0, 0, 0)


@settings(deadline=None, max_examples=draws(25))
@given(st.lists(st.sampled_from(BAD.splitlines()[1:]), max_size=12))
def test_whatever_comes_adds_up(tmp_path_factory, lines):
    folder = tmp_path_factory.mktemp("floor")
    path = folder / "p.csv"
    path.write_text(HEAD + "\n".join(lines), encoding="utf-8")
    floor = Floor.create(folder / "floor", ACTOR)
    sums = take(floor, path)
    assert sums.total.received == sum(sums.total[1:]) == len(lines)
    assert take(floor, path).total.accepted == 0
    assert balanced(floor)


def test_records_are_arrow_of_their_kind(floor, tmp_path):
    path = tmp_path / "p.csv"
    path.write_text(GOOD, encoding="utf-8")
    assert isinstance(take(floor, path).taken[0], CommittedDelivery)
    assert floor.read("party", READER).schema.field("observed_at").type == pa.timestamp("us", "UTC")


def test_a_wholly_wrong_mapping_is_given_up_and_read_on_later(floor, tmp_path, monkeypatch):
    monkeypatch.setattr("watchfloor.feeds.isolation.MAX_FAULTS", 3)
    monkeypatch.setattr("watchfloor.formats.tabular.delimited.BLOCK", 64)
    path = tmp_path / "p.csv"
    path.write_text("Nom,Pays\n" + "".join(f"Ann {i},Nowhere\n" for i in range(1500)), encoding="utf-8")
    text = 'kind="party"\n[fields]\nname="Nom"\n%s[constants]\nrole="payee"\nobserved_at="2026-11-24"'
    total = take(floor, path, mapping=mapping.parse(text % 'country="Pays"\n', "m.toml")).total
    assert total.received == total.quarantined == 4
    assert floor.quarantine()[-1].rest
    assert again(floor, mapping=mapping.parse(text % "", "m.toml")).total.accepted == 1500
    assert not floor.quarantine()
    assert balanced(floor)


RUSSIAN = HEAD + "".join(
    f"{at},payee,{name},Person,,RU,2026-11-24\n"
    for at, name in enumerate(
        ["Иванов Пётр", "Смирнова Анна", "Лебедева Юлия", "Щербаков Игорь", "Попов Олег"]
    )
)


def test_the_encoding_that_was_found_is_a_note_of_the_delivery(floor, tmp_path):
    (tmp_path / "p.csv").write_bytes(RUSSIAN.encode("koi8-r"))
    (taken,) = take(floor, tmp_path / "p.csv").taken
    assert [note for note in taken.notes if "KOI8-R" in note] == ["read as KOI8-R, found from its letters"]
    assert "Смирнова Анна" in parties(floor)
    record_id = floor.read("party", READER, columns=["record_id"]).column(0)[0].as_py()
    piece = original(floor, record_id, READER).piece
    assert piece in RUSSIAN.encode("koi8-r").split(b"\n")


@pytest.mark.parametrize("where", ["feed", "order", "mapping and order"])
def test_a_stated_encoding_is_followed_by_every_format(floor, tmp_path, where):
    (tmp_path / "p.csv").write_bytes((HEAD + "1,payee,Анна,Person,,,2026-11-24\n").encode("cp866"))
    orders = {} if where == "feed" else {"encoding": "cp866"}
    if where == "feed":
        (floor.root / config.NAME).write_text('[feeds.p]\nencoding = "cp866"\n', encoding="utf-8")
    if where == "mapping and order":
        fields = "".join(f'{name} = "{name}"\n' for name in ("report_key", "role", "name", "observed_at"))
        orders["mapping"] = mapping.parse(f'kind = "party"\n[fields]\n{fields}', "m.toml")
    sums = take(floor, tmp_path / "p.csv", **orders)
    assert parties(floor) == ["Анна"]
    assert sums.whole


def test_a_line_that_contradicts_the_stated_encoding_waits(floor, tmp_path):
    lines = GOOD.replace("Ann", "Zoé").encode("cp1252") + "3,payee,Zoé,Person,,,2026-11-24\n".encode()
    (tmp_path / "p.csv").write_bytes(lines)
    take(floor, tmp_path / "p.csv", encoding="cp1252")
    (piece,) = floor.quarantine()
    assert piece.locator == "line 4"
    assert "0xc3" in piece.reason
    balanced(floor)
