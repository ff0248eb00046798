"""Lists read as one table: parts of entities joined, languages aligned, ids told apart."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.formats.lists import ADD, ALT, CSV, FTM, JUSTICE, LAW, LISTS, SDN, SDN_XML, UN, public, texts
from tests.thorough import draws

from watchfloor.core.kinds import LISTING
from watchfloor.formats.base import FormatError
from watchfloor.reference.listings import align, files, fold, format_of, read

FRENCH = (
    JUSTICE.replace("SOR/", "DORS/")
    .replace('xml:lang="en"', 'xml:lang="fr"', 1)
    .replace('fid="1', 'fid="5')
    .replace("also known among\n other names as", "connu notamment sous les noms suivants :")
    .replace("and The Lamp", "et La Lampe")
    .replace("Lantern Society", "Société de la lanterne")
)


def _write(folder, **texts):
    paths = []
    for name, text in texts.items():
        paths.append(folder / name.replace("_", "."))
        paths[-1].write_text(text, encoding="utf-8")
    return paths


def _read(folder, **texts):
    told = []
    return read(_write(folder, **texts), report=told.append).to_pylist(), told


def test_all_columns_are_there_and_ids_are_distinct(tmp_path):
    table = read(_write(tmp_path, un_xml=UN, sdn_csv=SDN, law_xml=JUSTICE, list_csv=CSV, ftm_json=FTM))
    assert table.schema.equals(LISTING.schema)
    ids = table.column("record_id").to_pylist()
    assert len(set(ids)) == len(ids) == 11
    assert set(table.column("source").to_pylist()) == {"un.xml", "sdn.csv", "law.xml", "list.csv", "ftm.json"}


def test_alternate_names_and_addresses_join_their_entity(tmp_path):
    rows, told = _read(tmp_path, alt_csv=ALT, sdn_csv=SDN, add_csv=ADD)
    assert told == []
    person, firm, _ = rows
    assert texts(person) == ["VALLE, Odo", "THE LAMP", "VALLI, Otto"]
    assert person["countries"] == ["IR", "FR", "CU"]
    assert texts(firm) == ["VALE TRADING CO.", "HILL TRADING"]
    assert firm["countries"] == ["PA"]


def test_a_part_whose_entity_is_nowhere_is_kept_and_told(tmp_path):
    rows, told = _read(tmp_path, alt_csv=ALT, add_csv=ADD)
    assert [row["name"] for row in rows] == ["VALLI, Otto", "HILL TRADING"]
    assert "4 alternate names or addresses of OFAC-SDN" in told[0]


def test_parts_join_the_form_they_belong_to(tmp_path):
    rows, _ = _read(tmp_path, sdn_xml=SDN_XML, sdn_csv=SDN, alt_csv=ALT.replace("VALLI, Otto", "VALLO, Otto"))
    xml, csv = (row for row in rows if row["entity_id"] == "OFAC-SDN#101")
    assert "VALLO, Otto" not in texts(xml)
    assert "VALLO, Otto" in texts(csv)


def test_both_languages_of_a_consolidation_are_one_entity(tmp_path):
    rows, told = _read(tmp_path, f_xml=FRENCH, e_xml=JUSTICE)
    assert told == []
    front, society = rows
    assert front["entity_id"] == "SOR/2099-1#11"
    assert texts(front)[-1] == "La Lampe"
    assert texts(society) == ["Lantern Society", "Société de la lanterne"]
    assert [(n["role"], n["lang"]) for n in society["names"]] == [("primary", None), ("alias", "fr")]
    assert society["identifiers"] == [
        {"system": "justice-laws", "number": "DORS/2099-1#52", "owner": "DORS/2099-1"}
    ]


def test_french_alone_stands_for_itself(tmp_path):
    rows, _ = _read(tmp_path, f_xml=FRENCH)
    assert [row["name"] for row in rows] == ["Harrow Vale Front", "Société de la lanterne"]


def test_languages_of_other_windows_stay_apart(tmp_path):
    rows, _ = _read(tmp_path, e_xml=JUSTICE, f_xml=FRENCH.replace("2026-01-20", "2026-01-21"))
    assert len(rows) == 4


def test_an_item_without_its_twin_is_kept_and_told(tmp_path):
    lonely = FRENCH.replace('2025-03-01" lims:fid="52"', '2025-09-09" lims:fid="52"').replace(
        "</List>", '<Item lims:fid="59" lims:id="59"><Text>Seule</Text></Item></List>'
    )
    rows, told = _read(tmp_path, e_xml=JUSTICE, f_xml=lonely)
    assert [row["name"] for row in rows] == [
        "Harrow Vale Front",
        "Lantern Society",
        "Société de la lanterne",
        "Seule",
    ]
    assert len(told) == 3


@settings(max_examples=draws(50), deadline=None)
@given(st.lists(st.integers(0, 3), max_size=8), st.sets(st.integers(0, 7)))
def test_align_pairs_in_order_and_loses_nothing(dates, dropped):
    english = [{"provision": "1", "in_force": date, "n": n} for n, date in enumerate(dates)]
    french = [dict(row) for row in english if row["n"] not in dropped]
    pairs = list(align(english, french))
    assert [one["n"] for one, _ in pairs if one] == [row["n"] for row in english]
    assert [other["n"] for _, other in pairs if other] == [row["n"] for row in french]
    assert all(one["in_force"] == other["in_force"] for one, other in pairs if one and other)


def test_one_id_given_twice_in_a_list_keeps_both_and_says_so(tmp_path):
    rows, told = _read(tmp_path, a_csv="id,name\nV-1,Someone Else\nV-1,Fen\nV-2,Moss\n")
    assert [row["entity_id"] for row in rows] == ["V-1", "V-1/2", "V-2"]
    (sentence,) = told
    assert "gives the id V-1 to Fen too; kept as V-1/2" in sentence


def test_one_id_claimed_by_two_lists_is_told_apart(tmp_path):
    rows, told = _read(tmp_path, a_csv=CSV, b_csv="id,name\nV-1,Someone Else\nW-1,Fen\n")
    assert [row["entity_id"] for row in rows] == ["a:V-1", "V-2", "b:V-1", "W-1"]
    assert told == ["entity id V-1 is claimed by a and b; all are kept, as a:V-1 and b:V-1"]


def test_a_copy_that_breaks_off_covers_no_day(tmp_path):
    rows, told = _read(tmp_path, law_xml=JUSTICE[: JUSTICE.index('<Item lims:inforce-start-date="2025')])
    assert [(row["name"], row["window_from"]) for row in rows] == [("Harrow Vale Front", None)]
    assert "breaks off" in told[0]


def test_a_fault_is_told_with_its_place(tmp_path):
    _, told = _read(tmp_path, list_csv=CSV + ",,,,,,\nV-9,,,,,,\n")
    assert told == ["list.csv, line 5: this row has no name"]


@pytest.mark.parametrize(
    ("text", "says"), [("", "a.csv is empty"), ("hello", "a.csv is no list"), ("<Other/>", "no list")]
)
def test_what_is_no_list_is_refused_by_name(tmp_path, text, says):
    with pytest.raises(FormatError, match=says):
        read(_write(tmp_path, a_csv=text))


def test_a_folder_gives_its_lists_and_passes_over_the_rest(tmp_path):
    inside = tmp_path / "inside"
    inside.mkdir()
    _write(tmp_path, b_csv=CSV, note_txt="hello")
    _write(inside, un_xml=UN)
    assert [path.name for path in files([tmp_path])] == ["b.csv", "un.xml"]
    assert read([tmp_path]).num_rows == 4
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(FormatError, match="no file in"):
        list(files([empty]))


def test_format_of(tmp_path):
    (path,) = _write(tmp_path, un_xml=UN)
    assert format_of(path).name == "un-consolidated"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Los Caballeros Templarios", "CABALLEROS TEMPLARIOS"),
        ("Cárteles Unidos", "carteles unidos"),
        ("The Base", "base"),
    ],
)
def test_fold(one, other):
    assert fold(one) == fold(other)


@pytest.mark.parametrize(
    ("day", "count"), [("2025-02-06", 79), ("2025-03-28", 86), ("2026-01-12", 90), ("2026-07-23", 89)]
)
def test_all_items_of_the_law_are_aligned(day, count):
    told = []
    paths = [public(LAW / f"{name}@{day}.xml") for name in ("SOR-2002-284", "DORS-2002-284")]
    rows = read(paths, report=told.append).to_pylist()
    assert (len(rows), told) == (count, [])
    assert all(row["identifiers"][0]["owner"] == "DORS/2002-284" for row in rows)
    by_name = {row["name"]: texts(row) for row in rows}
    for english, french in {
        "Gulbuddin Hekmatyar": "Golboddin Hikmetyar",
        "Haqqani Network": "Réseau Haqqani",
        "World Tamil Movement": "Association mondiale tamoule",
        "Russian Imperial Movement": "Mouvement impérial russe",
        "Caucasus Emirate": "Émirat du Caucase",
        "Samidoun": "Réseau de solidarité aux prisonniers palestiniens",
    }.items():
        assert french in by_name[english]


def test_the_public_lists_together():
    law = [p for p in LAW.glob("*SOR-20*@2026-07-23.xml") if "2002-359" not in p.name]
    paths = [
        *(public(LISTS / f) for f in ("un_consolidated.xml", "ofac_sdn.csv", "ofac_alt.csv", "ofac_add.csv")),
        *law,
    ]
    told = []
    table = read(paths, report=told.append)
    assert told == []
    assert table.num_rows == 1003 + 8976 + 5587
    ids = table.column("entity_id").to_pylist()
    assert len(set(ids)) == len(ids)
    assert 34_000 < sum(map(len, table.column("names").to_pylist())) < 36_000


def test_two_entities_of_one_list_under_one_id_are_both_kept_and_told(tmp_path):
    for folder, name in (("a", "Jon Vexley"), ("b", "Other Name")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "list.csv").write_text(f"id,name,aliases\n1,{name},\n", "utf-8")
    told = []
    rows = read([tmp_path / "a" / "list.csv", tmp_path / "b" / "list.csv"], report=told.append).to_pylist()
    assert [(row["entity_id"], row["name"]) for row in rows] == [("1", "Jon Vexley"), ("1/2", "Other Name")]
    assert any("Other Name too; kept as 1/2" in line for line in told)


@pytest.mark.parametrize(
    ("text", "what", "instead"),
    [
        (
            '<export xmlns="https://example.org/fpi/fsd/export"><sanctionEntity/></export>',
            "the European Union's consolidated list",
            "the columns id and name",
        ),
        ("fileGenerationDate;Entity_LogicalId\n2026-01-01;1\n", "the European Union's", "the columns id"),
        ("<Designations><Designation/></Designations>", "the United Kingdom's", "the columns id"),
        ("Last Updated,01/01/2026\nName 6,Name 1,Name 2\n", "the United Kingdom's", "the columns id"),
        ("Reference,Name of Individual or Entity,Type\n1,X,Entity\n", "the Australian", "the columns id"),
    ],
)
def test_a_publisher_s_list_that_is_not_read_says_what_is_read_instead(tmp_path, text, what, instead):
    (path,) = _write(tmp_path, list_xml=text)
    with pytest.raises(FormatError) as told:
        read([path])
    assert f"is {what}" in str(told.value)
    assert instead in str(told.value)
    assert "Known are justice-laws" in str(told.value)
