"""What a department looks at is what the page shows: one digest for both, the same from day to day."""

import re
from datetime import UTC, date, datetime, timedelta

import msgspec
import pytest
from tests.cli.commanded import call
from tests.refusals import because, refused
from tests.scorecard import agreed

from watchfloor.scorecard import assemble
from watchfloor.scorecard.agreement import subjects
from watchfloor.scorecard.evidence import of_floor, of_package
from watchfloor.scorecard.problems import WrongQuestion

ON = date(2026, 11, 27)


@pytest.fixture(scope="module")
def known():
    return subjects.subjects()


def stated(floor, line):
    """An item and a form for it, received."""
    item = subjects.subjects().item(line)
    code = item.departments[0]
    signer = agreed.Signer(code, bytes(range(32)))
    agreed.trusted(floor, signer, code)
    agreed.called(floor, item)
    with agreed.post(floor) as at:
        from watchfloor.scorecard.agreement.form_evidence import asked_of
        from watchfloor.scorecard.agreement.rows import on
        from watchfloor.scorecard.forms import receiving as form_receive
        from watchfloor.scorecard.forms import signed_form as forms

        units = {line: asked_of(subjects.subjects().entries[line])}
        one = on(at, item, code)
        empty = forms.msgspec.to_builtins(form_receive.make(one, floor, units[line]))
        filled = agreed.filled(empty, (40, None), ())
        return form_receive.receive(at, agreed.signed(filled, signer), {line: item}, units)


def test_what_stands_is_the_same_on_the_next_day(known):
    """An agreement does not lapse because a day went by: no digest has the day in it."""
    sources = assemble.Sources(of_package())
    first, second = (subjects.shown(assemble.whole(sources, on), on) for on in (ON, ON + timedelta(days=1)))
    assert set(first) == set(known.ids)
    assert [id_ for id_ in known.ids if first[id_].digest != second[id_].digest] == []


def test_an_id_that_is_none_is_told_with_the_nearest(known):
    with pytest.raises(
        WrongQuestion,
        check=because("register.no-line", line="fentanyl-nort", near="; did you mean 'fentanyl-north'?"),
    ):
        known.item("fentanyl-nort")


def test_agreement_to_a_line_of_a_form_makes_it_appear(tmp_path):
    floor = agreed.floor(tmp_path)
    stated(floor, "14b")
    today = datetime.now(UTC).date()
    sources = assemble.Sources(of_package(), floor, agreed.READER)

    def shown(edition):
        known = assemble.whole(sources, today, ["14b"])
        return assemble.released(known, today, edition).lines[0]

    assert (shown("working").delivered, shown("working").agreement) == (None, "attested")
    assert shown("public").shown is False
    item = subjects.subjects().item(
        "14b", subjects.shown(assemble.whole(sources, today, ["14b"]), today)["14b"]
    )
    agreed.approved(floor, item)
    assert (shown("public").delivered, shown("public").agreement) == (40.0, "approved")
    with agreed.post(floor) as at:
        agreed.acts.embargo(at, item, agreed.soon(), "the minister speaks first")
    assert shown("working").shown is False


def test_what_a_form_states_stands_when_it_is_attested_anew_and_goes_when_it_is_withdrawn(tmp_path):
    """An attestation of what stands does not change what stands."""
    floor = agreed.floor(tmp_path)
    stated(floor, "14b")
    today = datetime.now(UTC).date()

    def item():
        known = assemble.whole(assemble.Sources(of_package(), floor, agreed.READER), today, ("14b",))
        return subjects.subjects().item("14b", subjects.shown(known, today)["14b"])

    before = item()
    assert agreed.attested(floor, before, agreed.SINGH, "bela").standing.state == "attested"
    assert item() == before
    assert (
        refused("register.one-person", lambda: agreed.approved(floor, item(), agreed.ROY, "dora"))["person"]
        == "A. Roy"
    )
    for_it = agreed.acts.Person("C. Tran", "Deputy Minister")
    for by in ("anna", "bela", "chen"):  # received the form, typed the attestation, entered the key
        refused("register.one-person", lambda by=by: agreed.approved(floor, before, for_it, by))
    assert agreed.approved(floor, item(), for_it, "dora").standing.state == "approved"
    with agreed.post(floor) as at:
        agreed.acts.withdraw(at, item(), "they were leased")
    assert "delivered" not in {one.name for one in item().shown.values}


def test_what_is_done_later_changes_nothing_of_an_old_page_nor_its_marking(tmp_path):
    floor = agreed.floor(tmp_path)
    day = datetime.now(UTC).date() - timedelta(days=2)

    def page():
        known = of_floor(floor, agreed.READER)
        return assemble.assemble(assemble.Sources(known, floor, agreed.READER), day)

    before = page()
    agreed.called(floor, subjects.subjects().item("14b"), marking="PB//TLP:RED")
    later = CSV.replace("2025-03-01,drug", f"{day + timedelta(days=1)},drug")
    (tmp_path / "cbsa.csv").write_text(later, "utf-8")
    call(["ingest", tmp_path / "cbsa.csv", "--floor", tmp_path / "floor"])
    assert of_floor(floor, agreed.READER).facts.series.keys() > of_package().facts.series.keys()
    assert page() == before
    assert before.marking == "U//TLP:CLEAR"


CLAIM = """
title = { en = "Fentanyl in the mail", fr = "Le fentanyl dans la poste" }
department = "PS"
[said]
on = 2025-03-04
by = { en = "somebody", fr = "quelqu’un" }
words = { en = "under half by post", fr = "moins de la moitié par la poste" }
[claimed]
below = 0.5
[ask]
measure = "share"
series = "cbsa-seizures"
of = "weight"
scope = { drug = "fentanyl" }
part = { mode = "post" }
period = "2025-01"
[definitions]
weight = {}
"""
CSV = (
    "observed_at,until,series,published,cell,measure,unit,value\n"
    "2025-01-01,2025-02-01,cbsa-seizures,2025-03-01,drug:fentanyl;mode:post,weight,kg,12.34567\n"
    "2025-01-01,2025-02-01,cbsa-seizures,2025-03-01,drug:fentanyl;mode:land,weight,kg,87.65433\n"
)


def test_an_unsigned_csv_of_a_department_waits_for_its_attestation(tmp_path):
    """A figure of a department's own series appears in no edition before both departments agreed."""
    floor = agreed.floor(tmp_path)
    (tmp_path / "by-post.toml").write_text(CLAIM, "utf-8")
    (tmp_path / "cbsa.csv").write_text(CSV, "utf-8")
    call(["ingest", tmp_path / "cbsa.csv", "--floor", tmp_path / "floor"])
    today, files = datetime.now(UTC).date(), (tmp_path / "by-post.toml",)

    sources = assemble.Sources(of_floor(floor, agreed.READER), floor, agreed.READER, None, files)

    def page(edition):
        known = assemble.whole(sources, today, ["by-post"])
        return assemble.released(known, today, edition).findings[0]

    whole = assemble.whole(sources, today, ["by-post"])
    (figure,) = (one.figures[0] for one in whole.findings if one.claim == "by-post")
    assert figure.value == pytest.approx(0.1234567)
    known = subjects.subjects(None, files)
    item = known.item("by-post", subjects.shown(whole, today)["by-post"])
    assert item.departments == ("PS", "CBSA")
    digits = re.compile(r"12[.,]34|123456|87[.,]65")
    assert not digits.search(msgspec.json.encode(assemble.assemble(sources, today)).decode())
    for department in item.departments:
        held = page("working")
        assert held.figures == ()
        assert "agreement" in held.why.en
        assert not digits.search(msgspec.json.encode(held).decode())
        agreed.called(floor, item, department)
        agreed.attested(floor, item, department=department)
        assert page("working").figures == ()
        agreed.approved(floor, item, department=department)
        assert bool(page("working").figures) is (department == "CBSA")
    assert page("public").figures[0].value == figure.value
