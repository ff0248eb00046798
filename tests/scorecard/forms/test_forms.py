"""A department's form: what it may say, whose signature it needs, and what it leaves on a floor."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.refusals import refused
from tests.scorecard import agreed
from tests.scorecard.agreed import (
    CLAIM,
    ITEMS,
    LINE,
    OTHER,
    ROW,
    SIGNER,
    called,
    filled,
    form,
    received,
    signed,
)

from watchfloor.cell.acts import Refusal
from watchfloor.scorecard.agreement.rows import On
from watchfloor.scorecard.facts import facts
from watchfloor.scorecard.forms import keys as form_keys
from watchfloor.scorecard.forms import signed_form as forms
from watchfloor.store import Actor
from watchfloor.store.log.notes import Signer, note

WHO = Actor("chen", "testing", "none")
NOW = datetime(2025, 6, 3, 12, tzinfo=UTC)


@pytest.fixture
def floor(tmp_path):
    made = agreed.floor(tmp_path)
    agreed.trusted(made)
    called(made)
    return made


def nothing_written(floor, message, make):
    """That something is refused and leaves the floor as it was; gives the parameters of the refusal."""
    before = floor.position
    params = refused(message, make)
    assert floor.position == before
    return params


def test_a_signed_form_is_an_attestation_and_rows_in_one_commit(floor):
    before = floor.position
    data = signed(filled(form(floor), note="as of 31 May"))
    made = received(floor, data)
    assert (made.before, made.rows, made.position) == (False, 1, before + 1)
    (act,) = floor.acts(before + 1)
    assert act.act == "ingest"
    row = On.rows(floor, agreed.READER)[-1]
    assert (row["act"], row["person"], row["function"]) == ("attested", "A. Roy", "Director")
    assert (row["digest"], row["form"], row["why"]) == (None, made.digest, "as of 31 May")
    assert row["key"] == SIGNER.verifier.text
    assert [(one["name"], one["value"], one["en"]) for one in row["values"]] == [("delivered", 15.0, "15")]
    (number,) = floor.read("statistic", agreed.READER).to_pylist()
    day = forms.moment(made.form).date()
    assert (number["source"], number["publisher"], number["dated"]) == ("CBSA", "CBSA", "stated")
    assert (number["published"].date(), number["published"].hour) == (day, 0)
    assert (number["series"], number["measure"], number["unit"], number["value"]) == (
        *("cbsa-seizures", "weight", "kg"),
        1.73,
    )
    assert number["cell"] == '{"drug":"fentanyl","mode":"post"}'
    assert (number["observed_at"].date().isoformat(), number["until"].date().isoformat()) == (
        "2025-01-01",
        "2025-02-01",
    )
    assert number["report_key"].startswith(f"cbsa-seizures/{day}/2025-01/weight/")
    assert number["marking"] == row["marking"]
    with floor.delivered(number["delivery"]) as kept:
        assert kept.read() == data
    known = facts(floor.read("statistic", agreed.READER))["cbsa-seizures"]
    assert (known.value.tolist(), len(known.months)) == ([1.73], 1)


def test_a_form_received_twice_writes_nothing_and_says_so(floor):
    data = signed(filled(form(floor)))
    first = received(floor, data)
    before = floor.position
    again = received(floor, data)
    assert (again.before, again.position, again.rows) == (True, first.position, 0)
    assert floor.position == before
    more = data.decode() + note("x\n", Signer("someone", bytes(32))).split("\n\n")[1]
    assert received(floor, more.encode()).before  # a signature more is no other form


def test_an_older_form_than_the_one_held_is_refused(floor):
    empty, now = form(floor), datetime.now(UTC)
    new, old = (signed(filled(empty, (n, None)), now=now - timedelta(hours=n)) for n in (1, 2))
    received(floor, new)
    nothing_written(floor, "register.form-older", lambda: received(floor, old))
    same_moment = signed(filled(empty, (7, None)), now=now - timedelta(hours=1))
    nothing_written(floor, "register.form-older", lambda: received(floor, same_moment))


def test_a_newer_form_is_a_correction(floor):
    empty, now = form(floor), datetime.now(UTC)
    received(floor, signed(filled(empty, (14, None), ()), now=now - timedelta(hours=2)))
    received(floor, signed(filled(empty, (15, None), (), note="one came late"), now=now - timedelta(hours=1)))
    rows = On.rows(floor, agreed.READER)
    assert [row["act"] for row in rows] == ["called", "attested", "corrected"]
    assert rows[-1]["why"] == "one came late"


def test_a_form_of_an_unknown_or_revoked_key_is_refused(floor, tmp_path):
    data = signed(filled(form(floor)))
    bare = agreed.floor(tmp_path / "bare")
    called(bare)
    assert nothing_written(bare, "register.no-key", lambda: received(bare, data))["department"] == "CBSA"
    other = signed(filled(form(floor)), OTHER)
    assert (
        nothing_written(floor, "register.form-not-signed", lambda: received(floor, other))["department"]
        == "CBSA"
    )
    form_keys.distrust(floor, WHO, "CBSA", "the laptop was stolen")
    assert (
        nothing_written(floor, "register.revoked-key", lambda: received(floor, data))["why"]
        == "the laptop was stolen"
    )


def test_changed_bytes_are_refused(floor):
    data = signed(filled(form(floor)))
    changed = data.replace(b'"value": 15', b'"value": 16')
    assert changed != data
    nothing_written(floor, "register.form-not-signed", lambda: received(floor, changed))
    nothing_written(floor, "register.no-form", lambda: received(floor, data[:-20]))
    nothing_written(floor, "register.no-form", lambda: received(floor, b"\xff\xfe"))
    nothing_written(floor, "register.no-form", lambda: received(floor, b""))


@given(st.data())
def test_no_single_byte_may_change(data):
    good = note(forms.written(EXAMPLE), SIGNER).encode()
    place = data.draw(st.integers(0, len(good.rpartition(b"\n\n")[0]) - 1))
    other = data.draw(st.integers(0, 255).filter(lambda byte: byte != good[place]))
    changed = good[:place] + bytes([other]) + good[place + 1 :]
    with pytest.raises((Refusal, UnicodeDecodeError)):
        forms.unsealed(changed.decode(), SIGNER.verifier)


def test_a_form_in_another_writing_is_refused(floor):
    text = json.dumps(filled(form(floor), signed=NOW.isoformat())) + "\n"
    data = note(text, SIGNER).encode()
    nothing_written(floor, "register.form-rewritten", lambda: received(floor, data))


def test_another_departments_line_or_series_is_refused(floor):
    data = signed(filled(form(floor)))
    theirs = {**ITEMS, "14b": LINE._replace(departments=("RCMP",))}
    assert (
        nothing_written(floor, "register.form-not-theirs", lambda: received(floor, data, items=theirs))[
            "asked"
        ]
        == "RCMP"
    )
    assert (
        nothing_written(floor, "register.form-not-theirs", lambda: received(floor, data, items={}))["line"]
        == "14b"
    )
    for series in ("rcmp-seizures", "cbp-drug-seizures", "seizures", ""):
        row = ROW | {"series": series}
        assert (
            refused("register.form-other-series", lambda row=row: signed(filled(form(floor), rows=[row])))[
                "prefix"
            ]
            == "cbsa-"
        )
    assert (
        refused("register.form-not-theirs", lambda: signed(filled(form(floor)), Signer("RCMP", bytes(32))))[
            "department"
        ]
        == "RCMP"
    )


def test_a_form_for_another_call_floor_or_line_is_refused(floor):
    old = signed(filled(form(floor)))
    called(floor)
    assert nothing_written(floor, "register.form-other-call", lambda: received(floor, old))["line"] == "14b"
    away = signed(filled(form(floor), floor="elsewhere"))
    assert (
        nothing_written(floor, "register.form-other-floor", lambda: received(floor, away))["other"]
        == "elsewhere"
    )
    for field, value in (("asked", "something else"), ("deadline", "2199-01-01T00:00:00+00:00")):
        other = signed(filled(form(floor), **{field: value}))
        assert (
            nothing_written(floor, "register.form-changed", lambda other=other: received(floor, other))[
                "field"
            ]
            == field
        )
    values = [{"name": "announced", "label": {"en": "a", "fr": "a"}, "unit": "", "value": 3}]
    more = signed({**filled(form(floor)), "values": values})
    assert nothing_written(floor, "register.form-changed", lambda: received(floor, more))["field"] == "values"
    with agreed.post(floor) as at:
        agreed.acts.withdraw(at, LINE, "asked by mistake")
    assert refused("register.form-not-called", lambda: form(floor))["line"] == "14b"
    assert (
        nothing_written(floor, "register.form-not-called", lambda: received(floor, old))["department"]
        == "CBSA"
    )


@pytest.mark.parametrize("value", [-1, -0.5, "12", "NaN", True, [], {}, 1e300])
def test_a_value_is_a_number_of_zero_or_more(floor, value):
    empty = form(floor)
    assert (
        refused("register.form-bad-value", lambda: signed(filled(empty, (value, None))))["where"]
        == "values, delivered"
    )
    rows = [ROW, ROW | {"value": value, "period": "2025-02"}]
    assert (
        refused("register.form-bad-value", lambda: signed(filled(empty, rows=rows)))["where"]
        == "series, row 2"
    )


def test_what_is_no_json_number_is_refused(floor):
    for text in ("NaN", "Infinity", "-Infinity", "1e999"):
        plain = json.dumps(filled(form(floor))).replace('"value": 15', f'"value": {text}')
        refused("register.no-form", lambda plain=plain: forms.sign(plain, SIGNER, NOW))
    assert (
        refused("register.form-bad-value", lambda: signed(filled(form(floor), rows=[ROW | {"value": None}])))[
            "value"
        ]
        == "null"
    )


def test_a_signature_of_a_wrong_number_does_not_make_it_one(floor):
    """The department's tool refuses it; so does the floor, whatever tool signed it."""
    bad = forms.read(json.dumps(filled(form(floor), (-3, None), signed="2025-06-03T00:00:00+00:00")))
    data = note(forms.written(bad), SIGNER).encode()
    assert nothing_written(floor, "register.form-bad-value", lambda: received(floor, data))["value"] == "-3"


def test_a_period_that_has_not_ended_is_refused(floor):
    empty, month = form(floor), datetime.now(UTC).strftime("%Y-%m")
    for period in (month, "2099", "FY2099"):
        rows = [ROW | {"period": period}]
        assert (
            refused("register.form-future", lambda rows=rows: signed(filled(empty, rows=rows)))["where"]
            == "series, row 1"
        )
        assert (
            refused("register.form-future", lambda period=period: signed(filled(empty, period=period)))[
                "where"
            ]
            == "period"
        )
    assert (
        refused(
            "register.form-bad-period", lambda: signed(filled(empty, rows=[ROW | {"period": "2025-13"}]))
        )["where"]
        == "series, row 1"
    )
    later = signed(filled(empty), now=datetime.now(UTC) + timedelta(days=2))
    nothing_written(floor, "register.form-signed-later", lambda: received(floor, later))


def test_a_form_says_something_by_somebody(floor):
    empty = form(floor)
    refused("register.form-empty", lambda: signed(filled(empty, (None, None), ())))
    assert refused("register.form-unfilled", lambda: signed(filled(empty, person=" ")))["field"] == "person"
    assert (
        refused("register.form-unfilled", lambda: signed(filled(empty, function="")))["field"] == "function"
    )
    assert refused("register.form-row-twice", lambda: signed(filled(empty, rows=[ROW, ROW])))["other"] == 1
    refused("register.form-bad-period", lambda: signed(filled(empty, rows=[ROW | {"measure": ""}])))
    refused("register.form-bad-period", lambda: signed(filled(empty, rows=[ROW | {"cell": {"drug": " "}}])))
    of = [ROW | {"cell": {"Nationality": "x"}}]
    refused("register.form-bad-period", lambda: signed(filled(empty, rows=of)))


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "null", '{"form": "x"}', '{"form": 1, "form": 2}', '"\\ud800"', "9" * 5000]
)
def test_what_is_no_form_is_refused(text):
    refused("register.no-form", lambda: forms.read(text))


def test_of_a_claim_a_form_brings_series_alone(floor):
    called(floor, CLAIM, "CBSA")
    empty = form(floor, CLAIM, "CBSA")
    assert empty["values"] == []
    moment = datetime.now(UTC) - timedelta(seconds=2)
    shown = agreed.SHOWN._replace(own=(("CBSA", moment.date()),))
    items = {"share": CLAIM._replace(shown=shown)}
    made = received(floor, signed(filled(empty, ()), now=moment), items=items)
    assert made.standing.state == "attested"
    assert floor.read("statistic", agreed.READER).num_rows == 1
    refused("register.attested-other", lambda: agreed.approved(floor, CLAIM, department="CBSA"))


def test_on_a_line_rows_alone_attest_no_value(floor):
    made = received(floor, signed(filled(form(floor), (None, None))))
    assert (made.rows, made.standing.state) == (1, "called")
    assert "not what is shown now" in made.standing.sentence.en
    assert refused("register.attested-other", lambda: agreed.approved(floor))["person"] == "A. Roy"


def test_what_the_floor_may_not_hold_is_refused_whole(tmp_path):
    low = agreed.floor(tmp_path, ceiling="PA//TLP:AMBER")
    agreed.trusted(low)
    called(low, marking="PA//TLP:GREEN")
    received(low, signed(filled(form(low))))
    assert {row["marking"] for row in low.read("statistic", agreed.READER).to_pylist()} == {"PA//TLP:GREEN"}


# --- keys


def test_a_key_is_entered_once_compared_and_is_the_departments_own(floor):
    def trust(key, department="CBSA", checked="by phone"):
        return form_keys.trust(floor, WHO, department, key, checked)

    before = floor.position
    assert trust(SIGNER.verifier.text, "cbsa").entered_by == "chen"
    assert floor.position == before  # it is there already
    refused("register.bad-key", lambda: trust("x"))
    refused("register.unchecked", lambda: trust(SIGNER.verifier.text, checked=" "))
    assert refused("register.key-of-another", lambda: trust(SIGNER.verifier.text, "RCMP"))["signer"] == "CBSA"
    assert (
        refused("register.unknown-department", lambda: trust(SIGNER.verifier.text, "XX"))["department"]
        == "XX"
    )
    assert refused("register.other-key", lambda: trust(OTHER.verifier.text))["department"] == "CBSA"
    shared = Signer("RCMP", SIGNER.seed).verifier.text
    assert refused("register.shared-key", lambda: trust(shared, "RCMP"))["other"] == "CBSA"


def test_a_revoked_key_is_followed_by_another_and_never_entered_again(floor):
    assert (
        refused("register.no-key", lambda: form_keys.distrust(floor, WHO, "RCMP", "x"))["department"]
        == "RCMP"
    )
    refused("cell.empty-text", lambda: form_keys.distrust(floor, WHO, "CBSA", " "))
    gone = form_keys.distrust(floor, WHO, "cbsa", "stolen")
    assert (gone.why, gone.removed is not None) == ("stolen", True)
    refused("register.revoked-key", lambda: form_keys.distrust(floor, WHO, "CBSA", "again"))
    refused("register.revoked-before", lambda: agreed.trusted(floor))
    assert agreed.trusted(floor, OTHER).verifier == OTHER.verifier
    refused("register.other-key", lambda: agreed.trusted(floor))
    received(floor, signed(filled(form(floor)), OTHER))


def of_claim(floor):
    """A form for a claim, received; gives what approves it."""
    called(floor, CLAIM, "CBSA")
    moment = datetime.now(UTC) - timedelta(seconds=2)
    received(floor, signed(filled(form(floor, CLAIM, "CBSA"), ()), now=moment))
    item = CLAIM._replace(shown=agreed.SHOWN._replace(own=(("CBSA", moment.date()),)))
    return lambda **more: agreed.approved(floor, item, department="CBSA", **more)


def test_who_entered_the_key_does_not_approve_what_it_signed(floor):
    approve = of_claim(floor)
    refused("register.one-person", lambda: approve(by="chen"))
    refused("register.one-person", lambda: approve(who=agreed.acts.Person("Chen", "Chief")))
    assert approve().standing.state == "approved"


def test_what_a_key_signed_that_is_revoked_by_now_is_attested_anew_before_anybody_approves(floor):
    approve = of_claim(floor)
    form_keys.distrust(floor, WHO, "CBSA", "stolen")
    refused("register.attested-by-revoked-key", approve)
    agreed.attested(floor, CLAIM, department="CBSA")
    assert approve().standing.state == "approved"


def test_a_key_is_made_in_a_file_of_its_own(tmp_path):
    made = form_keys.make(tmp_path / "cbsa.key", "cbsa")
    assert made.verifier.name == "CBSA"
    assert form_keys.load(tmp_path / "cbsa.key") == made
    refused("custody.key-file", lambda: form_keys.make(tmp_path / "cbsa.key", "CBSA"))
    (tmp_path / "none").write_text("x", "utf-8")
    refused("register.bad-secret", lambda: form_keys.load(tmp_path / "none"))


EXAMPLE = forms.Form(
    forms.HEAD, "cell", "14b", "CBSA", "c1", LINE.says, "how many", "2025-07-01T00:00:00+00:00",
    (forms.AskedValue("delivered", LINE.says, "towers", 15),), "2025-05", "A. Roy", "Director", "é ≤",
    NOW.isoformat(), (forms.Row(**ROW),),
)  # fmt: skip


TEXT = st.text(st.characters(blacklist_categories=["Cs", "Cc"]), max_size=12)


@given(TEXT, TEXT, st.integers(0, 10**6) | st.floats(0, 1e12), st.dictionaries(TEXT, TEXT, max_size=3))
def test_what_is_written_is_read_back(person, remark, value, cell):
    row = forms.Row("cbsa-x", "2025-01", "weight", value, cell)
    made = forms.Form(
        forms.HEAD, "cell", "1", "CBSA", "c", LINE.says, remark, "", (), person=person, series=(row,)
    )
    text = forms.written(made)
    assert forms.read(text) == made
    assert forms.unsealed(note(text, SIGNER), SIGNER.verifier) == made
