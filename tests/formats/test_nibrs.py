"""NIBRS: each report of a submission is a row, without anything of persons; what is wrong is told alone."""

import json
from datetime import UTC, date, datetime
from io import BytesIO
from pathlib import Path

import pytest

from watchfloor.formats.base import HEAD_BYTES, Batch, Fault, FormatError, Head
from watchfloor.formats.registry import recognise
from watchfloor.formats.statistics import nibrs

DATA = Path(__file__).parents[3] / "shared" / "data" / "exchange" / "nibrs"

INCIDENT = """
  <nc:Incident>
    <nc:ActivityIdentification><nc:IdentificationID>{number}</nc:IdentificationID></nc:ActivityIdentification>
    <nc:ActivityDate><nc:DateTime>{at}</nc:DateTime></nc:ActivityDate>
  </nc:Incident>
  <j:Offense s:id="O1"><nibrs:OffenseUCRCode>35A</nibrs:OffenseUCRCode>
    <j:OffenseFactorBiasMotivationCode>22</j:OffenseFactorBiasMotivationCode>
    <j:OffenseAttemptedIndicator>false</j:OffenseAttemptedIndicator></j:Offense>
  <nc:Location s:id="L1"><nibrs:LocationCategoryCode>13</nibrs:LocationCategoryCode></nc:Location>
  <nc:Substance><nc:ItemStatus><cjis:ItemStatusCode>SEIZED</cjis:ItemStatusCode></nc:ItemStatus>
    <j:ItemCategoryNIBRSPropertyCategoryCode>10</j:ItemCategoryNIBRSPropertyCategoryCode>
    <j:DrugCategoryCode>D</j:DrugCategoryCode><nc:SubstanceQuantityMeasure>
    <nc:MeasureDecimalValue>{amount}</nc:MeasureDecimalValue><j:SubstanceUnitCode>KG</j:SubstanceUnitCode>
    </nc:SubstanceQuantityMeasure></nc:Substance>
  <nc:Person s:id="P1"><nc:PersonAgeMeasure><nc:MeasureIntegerValue>71</nc:MeasureIntegerValue>
    </nc:PersonAgeMeasure><j:PersonEthnicityCode>ethnicity</j:PersonEthnicityCode>
    <j:PersonRaceNDExCode>race</j:PersonRaceNDExCode><j:PersonSexCode>sex</j:PersonSexCode></nc:Person>
  <j:Victim s:id="V1"><nc:RoleOfPerson s:ref="P1"/><j:VictimCategoryCode>S</j:VictimCategoryCode></j:Victim>
  <j:Subject s:id="S1"><nc:RoleOfPerson s:ref="P1"/></j:Subject>
  <j:OffenseLocationAssociation>
    <j:Offense s:ref="O1"/><nc:Location s:ref="L1"/></j:OffenseLocationAssociation>
"""


def incident(number="26-1", at="2026-02-19T10:00:00", amount="1.5"):
    return INCIDENT.format(number=number, at=at, amount=amount)


def report(body="", category="GROUP A INCIDENT REPORT", action="I", agency="XX0000000", month="2026-02"):
    return f"""<nibrs:Report><nibrs:ReportHeader>
  <nibrs:NIBRSReportCategoryCode>{category}</nibrs:NIBRSReportCategoryCode>
  <nibrs:ReportActionCategoryCode>{action}</nibrs:ReportActionCategoryCode>
  <nibrs:ReportDate><nc:YearMonthDate>{month}</nc:YearMonthDate></nibrs:ReportDate>
  <nibrs:ReportingAgency><j:OrganizationAugmentation><j:OrganizationORIIdentification>
    <nc:IdentificationID>{agency}</nc:IdentificationID>
  </j:OrganizationORIIdentification></j:OrganizationAugmentation></nibrs:ReportingAgency>
</nibrs:ReportHeader>{body}</nibrs:Report>"""


def submission(*reports, version="2019", before=""):
    text = f"""{before}<?xml version="1.0" encoding="UTF-8"?>
<nibrs:Submission xmlns:nibrs="http://fbi.gov/cjis/nibrs/{version}" xmlns:cjis="http://fbi.gov/cjis/2.0"
 xmlns:j="http://release.niem.gov/niem/domains/jxdm/5.2/"
 xmlns:nc="http://release.niem.gov/niem/niem-core/3.0/"
 xmlns:s="http://release.niem.gov/niem/structures/3.0/">{"".join(reports)}</nibrs:Submission>"""
    return text.encode()


def found(data):
    pieces = list(nibrs.read(BytesIO(data), "a.xml"))
    rows = [row for piece in pieces if isinstance(piece, Batch) for row in piece.rows.to_pylist()]
    return rows, [piece for piece in pieces if isinstance(piece, Fault)]


def test_an_incident_says_what_was_done_and_seized():
    ((row,), faults) = found(submission(report(incident())))
    assert not faults
    assert (row["report_key"], row["agency"], row["number"]) == (
        "XX0000000/incident 26-1",
        "XX0000000",
        "26-1",
    )
    assert (row["category"], row["action"], row["period"]) == ("incident", "initial", "2026-02")
    assert row["observed_at"] == datetime(2026, 2, 19, 10, tzinfo=UTC)
    (offence,) = row["offences"]
    assert (offence["code"], offence["attempted"], offence["places"]) == ("35A", False, ["13"])
    (item,) = row["property"]
    assert [item[name] for name in ("status", "drug", "amount", "unit")] == ["SEIZED", "D", 1.5, "KG"]
    assert (row["victims"], row["offenders"], row["arrests"]) == (["S"], 1, [])


def test_nothing_of_a_person_and_no_motive_is_kept():
    ((row,), _) = found(submission(report(incident())))
    text = json.dumps(row, default=str)
    assert not any(word in text for word in ("71", "ethnicity", "race", "sex", '"22"'))


def test_a_later_report_of_a_number_has_the_same_key_and_a_month_without_any_is_a_row():
    rows, faults = found(
        submission(
            report(incident()),
            report(incident(amount="2"), action="R"),
            report(incident(), action="D"),
            report(category="ZERO REPORT", action="A", month="2026-03"),
        )
    )
    assert not faults
    assert [row["action"] for row in rows] == ["initial", "replace", "delete", "add"]
    assert len({row["report_key"] for row in rows}) == 2
    assert (rows[3]["number"], rows[3]["observed_at"]) == (None, datetime(2026, 3, 1, tzinfo=UTC))


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (report(incident(), category="GROUP C"), "NIBRSReportCategoryCode"),
        (report(incident(), action="Z"), "ReportActionCategoryCode"),
        (report(incident(), agency=""), "ORI"),
        (report(incident(number="")), "number"),
        (report(incident(at="2026-02-30T10:00:00")), "DateTime"),
        (report(incident(at="0026-02-03T10:00:00")), "0026"),
        (report(incident(amount="much")), "SubstanceQuantityMeasure"),
        (report(incident(amount="1e308")), "SubstanceQuantityMeasure"),
        (report(month="2026-13", category="ZERO REPORT"), "ReportDate"),
        (report(month="", category="ZERO REPORT"), "month"),
    ],
)
def test_a_wrong_report_is_told_and_the_others_are_read(wrong, said):
    rows, (fault,) = found(submission(report(incident("1")), wrong, report(incident("3"))))
    assert [row["locator"] for row in rows] == ["report 1", "report 3"]
    assert fault.locator == "report 2"
    assert said in fault.reason
    assert nibrs.piece(BytesIO(submission(report(incident("1")), wrong)), "report 2")


def test_a_comment_before_the_declaration_does_not_hide_the_file():
    data = submission(report(incident()), before="\n<!-- a licence\n in lines -->\n<!-- and more -->")
    assert recognise(Head("a.xml", data[:HEAD_BYTES])).name == "nibrs"
    assert len(found(data)[0]) == 1


def test_another_document_is_none():
    with pytest.raises(FormatError):
        found(b"<?xml version='1.0'?><Message/>")
    assert nibrs.sniff(Head("a.xml", b"<Submission xmlns='http://example.org/'/>")) == 0


@pytest.mark.skipif(not DATA.is_dir(), reason="the shared data is not here")
def test_the_published_samples_are_read_whole():
    """Twelve documents of SEARCH; each has the one report that its name says."""
    files = sorted(DATA.glob("*.xml"))
    assert len(files) >= 12
    for file in files:
        data = file.read_bytes()
        assert recognise(Head(file.name, data[:HEAD_BYTES])).name == "nibrs"
        ((row,), faults) = found(data)
        assert not faults, file.name
        category = "arrest" if "Arrest" in file.name else "zero" if "Zero" in file.name else "incident"
        action = "delete" if "Delete" in file.name else "replace" if "Replace" in file.name else None
        assert row["category"] == category
        assert row["action"] == action or action is None
        if "AllFields" in file.name:
            assert (row["number"], row["cargo_theft"], row["cleared"]) == ("54236732", True, "A")
            assert row["cleared_on"] == date(2016, 2, 25)
            assert [one["code"] for one in row["offences"]] == ["240"]
            assert (len(row["property"]), len(row["victims"]), row["offenders"]) == (8, 2, 1)
            assert [one["code"] for one in row["arrests"]] == ["64A"]
