"""Files of shared rows: valid in their format, marked, the same each time, and silent on what is hidden."""

import csv
import io
import json
import zipfile
from hashlib import md5
from pathlib import Path

import pytest
from pyld import jsonld
from tests.exchange.nodes import NOW, READER, holding, keep, party
from tests.exchange.partners import add, agency, place
from tests.exchange.test_partners import told
from tests.refusals import because

import watchfloor
from watchfloor.cell.acts import Refusal
from watchfloor.cell.leads import Contribution, Lead
from watchfloor.core.kinds import INTELLIGENCE_OBJECT, MAP_FEATURE, PAYMENT, REPORT
from watchfloor.core.marking import parse
from watchfloor.core.messages import reason
from watchfloor.exchange import case, files, ftm, misp
from watchfloor.exchange.bundles.offers import POINTER, Offer
from watchfloor.policy.policy import Reader

SCHEMATA = json.loads(Path(__file__).with_name("ftm_schemata.json").read_text("utf-8"))["schemata"]
CATEGORIES = json.loads(Path(__file__).with_name("misp_types.json").read_text("utf-8"))["categories"]
LOW = Reader("clerk", purpose="a test", protected=1)


@pytest.fixture(scope="module")
def here(tmp_path_factory):
    one = holding(agency(tmp_path_factory.mktemp("files")), 3, latitude=45.01, longitude=-73.4)
    keep(one, [payment(1)], PAYMENT)
    keep(one, [report(1)], REPORT)
    body = {"id": "e1", "schema": "Person", "properties": {"name": ["Somebody"]}, "x": [1]}
    own = {"standard": "ftm", "object_id": "e1", "object_type": "Person", "body": json.dumps(body)}
    keep(one, [told(1), told(2) | own], INTELLIGENCE_OBJECT)
    return one


def payment(number, **columns):
    said = {
        "payer": "account:iban:FI2112345600000785",
        "payee": "account:bank:77",
        "amount": 12,
        "currency": "CAD",
    }
    return party(number, report_key=f"pay-{number}", means="wire", **(said | columns))


def report(number, **columns):
    plain = {"title": "Ferry", "subjects": ["phone:phone:16135550113", "address:email:a@example.org"]}
    text = [{"marking": None, "page": None, "text": "It lay at the landing."}]
    plain |= {"portions": text, "latitude": 45.0, "longitude": -73.0, "radius": 10.0}
    plain |= {"mentions": [], "text_from": "a test"}
    return party(number, report_key=f"N-{number}", **(plain | columns))


def shared(one, form, reader=READER):
    given = files.all_of(one, reader, files.FORMATS[form])
    return files.own(one, given, (), NOW, "en")


def written(one, form, reader=READER, ending=""):
    stream = io.BytesIO()
    count = files.FORMATS[form].load(ending)(shared(one, form, reader), stream)
    assert count
    return stream.getvalue()


def test_entities_are_of_the_model(here):
    found = [json.loads(line) for line in written(here, "ftm").splitlines()]
    for one in found:
        assert set(one["properties"]) <= set(SCHEMATA[one["schema"]]), one
        assert all(isinstance(value, str) and value for each in one["properties"].values() for value in each)
    schemata = {one["schema"] for one in found}
    assert schemata >= {"Person", "Note", "Payment", "BankAccount", "Article", "Documentation"}
    things = {one["id"] for one in found}
    links = [one["properties"] for one in found if one["schema"] in ("Note", "Payment", "Documentation")]
    named = ("entity", "document", "payerAccount", "beneficiaryAccount")
    assert {id_ for one in links for name in named for id_ in one.get(name, ())} <= things


def test_followthemoney_takes_every_value(here):
    model = pytest.importorskip("followthemoney", reason="needs followthemoney").model
    for line in written(here, "ftm").splitlines():
        said = json.loads(line)
        read = model.get_proxy(said, cleaned=False)  # each value is cleaned, and dropped where it is none
        assert {name: set(values) for name, values in said["properties"].items()} == {
            name: set(values) for name, values in read.properties.items()
        }


def test_an_entity_of_somebody_else_goes_as_it_came(here):
    found = [json.loads(line) for line in written(here, "ftm").splitlines()]
    assert {"id": "e1", "schema": "Person", "properties": {"name": ["Somebody"]}, "x": [1]} in found


def test_every_entity_of_ours_says_its_marking(here):
    for line in written(here, "ftm").splitlines():
        said = json.loads(line)["properties"]
        assert said.get("notes") or said.get("summary") or said == {"name": ["Somebody"]}


def test_statements_make_the_same_entities(here):
    data = written(here, "ftm", ending=".csv")
    assert data == written(here, "ftm", ending=".csv")
    found = {one["id"]: one for one in map(json.loads, written(here, "ftm").splitlines())}
    made = {}
    for row in csv.DictReader(io.StringIO(data.decode(), newline="")):
        entity = made.setdefault(row["canonical_id"], {"schema": row["schema"], "properties": {}})
        if row["prop"] != "id":
            entity["properties"].setdefault(row["prop"], []).append(row["value"])
    plain = {id_: {name: one[name] for name in ("schema", "properties")} for id_, one in found.items()}
    assert made == plain
    statement = pytest.importorskip("followthemoney.statement", reason="needs followthemoney")
    read = list(statement.read_statements(io.BytesIO(data), "csv"))
    assert all(one.id == one.generate_key() for one in read)
    assert {one.canonical_id for one in read} == set(found)


def test_an_event_has_types_that_its_categories_have(here):
    event = json.loads(written(here, "misp"))["Event"]
    for one in event["Attribute"]:
        assert one["type"] in CATEGORIES[one["category"]], one
        assert one["to_ids"] is False
        assert {tag["name"] for tag in one["Tag"]} >= {"tlp:amber+strict"}
    types = {one["type"] for one in event["Attribute"]}
    assert types >= {"iban", "bank-account-nr", "phone-number", "email", "comment", "full-name"}
    assert len({one["uuid"] for one in event["Attribute"]}) == len(event["Attribute"])


def test_pymisp_reads_an_event(here):
    pymisp = pytest.importorskip("pymisp", reason="needs pymisp")
    event = pymisp.MISPEvent()
    event.load(written(here, "misp").decode())
    assert len(event.attributes) == len(json.loads(written(here, "misp"))["Event"]["Attribute"])


def test_a_feed_has_its_manifest_and_its_hashes(here):
    archive = zipfile.ZipFile(io.BytesIO(written(here, "misp", ending=".zip")))
    (uuid,) = json.loads(archive.read("manifest.json"))
    event = json.loads(archive.read(f"{uuid}.json"))["Event"]
    assert event == json.loads(written(here, "misp"))["Event"]
    lines = list(csv.reader(io.StringIO(archive.read("hashes.csv").decode())))
    assert {one[1] for one in lines} == {uuid}
    assert [one[0] for one in lines] == [md5(a["value"].encode()).hexdigest() for a in event["Attribute"]]


def test_a_graph_of_case_expands_and_is_marked(here):
    nodes = jsonld.expand(json.loads(written(here, "case")))
    by_id = {one["@id"]: one for one in nodes}
    assert len(by_id) == len(nodes)
    core = "https://ontology.unifiedcyberontology.org/uco/core/"
    said = [one for one in nodes if one["@type"] == [f"{core}Annotation"]]
    assert len(said) > 3
    for one in said:
        assert one[f"{core}objectMarking"][0]["@id"] in by_id
        assert {each["@id"] for each in one[f"{core}object"]} <= by_id.keys()


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of rdflib itself
def test_a_graph_of_case_keeps_the_shapes_of_case_and_uco(here, tmp_path):
    """The ontologies' own validator (SHACL); it takes a minute of the processor."""
    case_validate = pytest.importorskip("case_utils.case_validate", reason="needs case-utils")
    (tmp_path / "graph.jsonld").write_bytes(written(here, "case"))
    found = case_validate.validate(str(tmp_path / "graph.jsonld"))
    assert found.conforms, found.text


@pytest.mark.parametrize("form", [name for name, form in files.FORMATS.items() if form.signals])
def test_a_file_is_the_same_each_time(form, here):
    assert written(here, form) == written(here, form)


@pytest.mark.parametrize("form", [name for name, form in files.FORMATS.items() if form.signals])
def test_a_file_tells_nothing_of_what_its_reader_may_not_see(form, tmp_path):
    """Of records; of signals, which each reader has a view of, see tests/cli/test_noninterference.py."""
    one = agency(tmp_path)
    keep(one, [party(0, marking="PA"), party(1, marking="PA")])
    keep(one, [report(1, marking="PA")], REPORT)
    before = written(one, form, LOW)
    keep(one, [party(0, report_key="P-9", marking="PB", name="Hidden Name"), party(8, marking="PB")])
    keep(one, [report(9, marking="PB", title="Hidden Title")], REPORT)
    assert written(one, form, LOW) == before
    assert written(one, form) != before


@pytest.mark.parametrize("form", [name for name, form in files.FORMATS.items() if form.signals])
def test_a_partner_s_file_tells_nothing_of_what_is_kept_from_them(form, tmp_path):
    """Not even its number; the worlds of what lies on their shelf are in test_partner_worlds.py."""
    one = agency(tmp_path)
    to, _ = add(one, ceiling="PA")

    def given():
        holds, stream = files.FORMATS[form], io.BytesIO()
        some = holds.fitting(files.for_partner(one, READER, to, holds))
        made = files.disclosed(one, READER, to, some, NOW, "en")
        assert holds.load()(made.shared, stream)
        return stream.getvalue()

    keep(one, [party(0, marking="PA"), party(1, marking="PA")])
    keep(one, [place(1, "PA")], MAP_FEATURE)
    before = given()
    keep(one, [party(0, report_key="P-9", marking="PB", name="Hidden Name"), party(8, marking="PB")])
    keep(one, [place(9, "PB")], MAP_FEATURE)
    assert given() == before
    keep(one, [party(2, marking="PA")])
    keep(one, [place(2, "PA")], MAP_FEATURE)
    assert given() != before


def test_ids_are_keyed_by_the_floor(here):
    mine = shared(here, "ftm")
    keys = (mine.key, bytes(32))
    for entities in (ftm.entities, lambda s: misp.event_of(s)["Attribute"], case.graph_of):
        first, second = (
            {str(one.get("@id") or one.get("uuid") or one["id"]) for one in entities(of(mine, key))}
            for key in keys
        )
        assert first & second <= {"e1"}


def _id(one):
    return one.get("@id") or one.get("uuid") or one["id"]


def of(given, key):
    return type(given)(given.node, key, given.at, given.marking, given.records, given.leads, given.language)


def test_the_provenance_of_a_lead_expands(here):
    why = reason(POINTER, node="toy")
    key, rest = "person:parcels:0", (why, (bytes(16),), ("o",))
    part = Contribution(bytes(16), key, "rule", "exact", 3.0, None, NOW, *rest)
    lead = Lead("aabbccddeeff", key, "smuggling", -10.0, -7.0, (part,), "PB", "w", subjects=("a:b:c",))
    given = files.own(here, files.all_of(here, READER, files.FORMATS["prov"]), [lead], NOW, "en")
    assert given.marking == str(parse("PB"))
    stream = io.BytesIO()
    assert files.FORMATS["prov"].load()(given, stream) == 7
    by_id = {one["@id"]: one for one in jsonld.expand(json.loads(stream.getvalue()))}
    assert len(by_id) == 7
    prov = "http://www.w3.org/ns/prov#"
    (found,) = [one for one in by_id.values() if f"{prov}wasGeneratedBy" in one]
    (signal,) = (by_id[one["@id"]] for one in found[f"{prov}wasDerivedFrom"])
    assert {one["@id"] for one in signal[f"{prov}wasDerivedFrom"]} <= by_id.keys()


@pytest.mark.parametrize("form", ["ftm", "misp"])
def test_what_leaves_nothing_in_a_file_is_no_part_of_what_is_disclosed(form, here):
    holds = files.FORMATS[form]
    given = files.all_of(here, READER, holds)
    fitting = holds.fitting(given)
    assert fitting.count < given.count
    for kind, rows in fitting.rows.items():
        assert len(fitting.rests_on[kind]) == rows.num_rows
        for at in range(rows.num_rows):
            one = files.own(here, Offer({kind: rows.slice(at, 1)}, {}), (), NOW, "en")
            assert holds.load()(one, io.BytesIO()), kind


@pytest.mark.parametrize(
    ("kind", "why"), [("map-feature", "no-object-to-share"), ("reading", "nothing-to-share")]
)
def test_that_a_format_says_nothing_of_what_is_there_is_no_empty_floor(kind, why, tmp_path):
    one = agency(tmp_path)
    keep(one, [place(1)], MAP_FEATURE)
    opened = watchfloor.open(one.root, purpose="a test", authority="a test")
    with pytest.raises(Refusal, check=because(f"partner.{why}", format="misp")):
        opened.files.misp(output=tmp_path / "new.json", records=(kind,))
