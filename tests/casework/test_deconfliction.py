"""Who asks is told nothing; who holds is told who, when and what for."""

import json
from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.refusals import because
from tests.thorough import draws
from typer.testing import CliRunner

from watchfloor.casework.tasking import deconfliction, spots
from watchfloor.casework.tasking.spots import Spot, near, place
from watchfloor.cell.acts import Refusal, minute, render
from watchfloor.cli import app
from watchfloor.core.earth import MEAN_RADIUS
from watchfloor.core.kinds import KINDS
from watchfloor.core.marking import parse
from watchfloor.policy.policy import Reader, allowed
from watchfloor.store.floor import Floor
from watchfloor.store.log import Actor

CLERK = Actor("clerk", "intake", "an Act")
NOW = datetime(2026, 11, 24, 3, tzinfo=UTC)
OPEN, HERON = "PB//TLP:AMBER", "PB//TLP:AMBER//ORCON:heron"
ASKER = Reader("anna", purpose="border")
OWNER = Reader("hugo", organisation="heron", purpose="border")
RUNNER = CliRunner()


def row(kind, **values):
    """One row of a kind, filled where it may not be null."""
    schema = KINDS[kind].schema
    fill = {pa.string(): "x", pa.bool_(): False, pa.int32(): 0, pa.binary(16): bytes(16)}
    full = {
        field.name: values.get(field.name, None if field.nullable else fill.get(field.type, []))
        for field in schema
        if field.name not in ("record_id", "delivery")
    }
    full |= {"observed_at": NOW, "origins": [], "amount": 1} | values
    return pa.Table.from_pylist([full], schema=pa.schema([f for f in schema if f.name in full])).select(
        [name for name in schema.names if name not in ("record_id", "delivery")]
    )


@pytest.fixture
def floor(tmp_path):
    return Floor.create(tmp_path / "floor", CLERK)


def take(floor, kind, **values):
    with floor.writer(CLERK) as writer:
        writer.append(kind, row(kind, **values))


def test_the_owner_learns_who_asked_when_and_what_for_and_who_asked_learns_nothing(floor):
    take(floor, "party", subject="person:x:1", marking=HERON, report_key="1")
    before = datetime.now(UTC)
    assert deconfliction.log_hits(floor, ASKER, "Customs Act s. 99", ["person:x:1"], "lead") is None
    (hit,) = deconfliction.hits(floor, OWNER).values()
    assert (hit.by, hit.organisation, hit.purpose, hit.authority) == (
        "anna",
        "floor",
        "border",
        "Customs Act s. 99",
    )
    assert (hit.owners, hit.subjects, hit.what, hit.verdict) == (("heron",), ("person:x:1",), "lead", None)
    assert before <= hit.at <= datetime.now(UTC)
    assert deconfliction.hits(floor, ASKER) == {}
    assert deconfliction.notices(floor, "anna") == []


def test_what_the_asker_may_see_himself_is_no_hit(floor):
    take(floor, "party", subject="person:x:1", marking=OPEN, report_key="1")
    take(floor, "party", subject="person:x:2", marking=HERON, report_key="2")
    deconfliction.log_hits(floor, ASKER, "an Act", ["person:x:1"], "lead")
    deconfliction.log_hits(floor, OWNER, "an Act", ["person:x:2"], "lead")
    assert [act.detail["hits"] for act in floor.acts_of("hit")] == [[], []]


def test_no_one_works_a_substance_as_a_target(floor):
    take(floor, "disclosure", subjects=["substance:cas:437-38-7", "person:x:1"], marking=HERON)
    deconfliction.log_hits(floor, ASKER, "an Act", ["substance:cas:437-38-7"], "search")
    assert [act.detail["hits"] for act in floor.acts_of("hit")] == [[]]


@settings(max_examples=draws(10), deadline=None)
@given(st.sets(st.sampled_from([OPEN, HERON, "PC", "PB//COMP:owl"])), st.sets(st.sampled_from("123")))
def test_a_query_logs_one_act_of_the_same_parts_whatever_is_held(tmp_path_factory, held, asked):
    floor = Floor.create(tmp_path_factory.mktemp("alike") / "floor", CLERK, ceiling="PC//COMP:owl")
    for number, marking in enumerate(sorted(held)):
        take(floor, "party", subject="person:x:1", marking=marking, report_key=str(number))
    before = floor.position
    deconfliction.log_hits(floor, ASKER, "an Act", [f"person:x:{one}" for one in asked], "search")
    (act,) = floor.acts(before + 1, floor.position)
    assert (act.act, act.actor) == ("hit", deconfliction.DUTY)
    assert set(act.detail) == {"by", "organisation", "asked_for", "under", "what", "hits"}
    hidden = sorted(held - {OPEN}) if "1" in asked else []
    assert [one["marking"] for one in act.detail["hits"]] == hidden


def test_two_queries_about_the_same_are_two_hits_and_each_is_answered_for_itself(floor):
    take(floor, "party", subject="person:x:1", marking=HERON, report_key="1")
    take(floor, "party", subject="person:x:1", marking="PB//TLP:RED//ORCON:heron", report_key="2")
    for what in ("lead", "task"):
        deconfliction.log_hits(floor, ASKER, "an Act", ["person:x:1"], what)
    first, *rest = deconfliction.hits(floor, OWNER)
    assert len(rest) == 3
    deconfliction.answer(floor, CLERK, OWNER, first, "deny", None)
    assert [one.verdict for one in deconfliction.hits(floor, OWNER).values()] == ["deny", None, None, None]


@pytest.mark.parametrize(("verdict", "told"), [("contact", 1), ("deny", 1), ("silent", 0)])
def test_only_contact_and_denial_reach_who_asked(floor, verdict, told):
    take(floor, "party", subject="person:x:1", marking=HERON, report_key="1")
    deconfliction.log_hits(floor, ASKER, "an Act", ["person:x:1"], "lead")
    (hit,) = deconfliction.hits(floor, OWNER)
    done, _ = deconfliction.answer(floor, CLERK, OWNER, hit[:4], verdict, "call Hugo")
    assert (done.verdict, done.answer, done.answered_by) == (verdict, "call Hugo", "clerk")
    found = deconfliction.notices(floor, "anna")
    assert len(found) == told
    assert deconfliction.notices(floor, "ben") == []
    assert done.answered_at == floor.acts_of("hit-answered")[-1].at
    with pytest.raises(Refusal, check=because("cell.hit-answered", by="clerk", at=minute(done.answered_at))):
        deconfliction.answer(floor, CLERK, OWNER, hit, "deny", None)


def test_who_may_not_see_a_hit_can_not_answer_it_and_contact_needs_words(floor):
    take(floor, "party", subject="person:x:1", marking=HERON, report_key="1")
    deconfliction.log_hits(floor, ASKER, "an Act", ["person:x:1"], "lead")
    (hit,) = deconfliction.hits(floor, OWNER)
    with pytest.raises(Refusal) as hidden:
        deconfliction.answer(floor, CLERK, ASKER, hit, "deny", None)
    with pytest.raises(Refusal) as absent:
        deconfliction.answer(floor, CLERK, OWNER, "ffff" if hit[:4] != "ffff" else "0000", "deny", None)
    assert render(hidden.value.reason).replace(hit, "ffff") == render(absent.value.reason)
    with pytest.raises(Refusal, check=because("cell.empty-text")):
        deconfliction.answer(floor, CLERK, OWNER, hit, "contact", " ")


KEYS = [f"person:x:{n}" for n in range(4)]
rows = st.lists(
    st.tuples(
        st.sampled_from(["party", "report", "judgement", "payment", "declaration", "task", "disclosure"]),
        st.sampled_from([OPEN, HERON, "PC", "PB//COMP:owl", "PB//REL:USA"]),
        st.sampled_from(KEYS),
    ),
    max_size=6,
)
COLUMN = {"party": "subject", "judgement": "about", "payment": "conductor", "declaration": "consignee"}


@settings(max_examples=draws(15), deadline=None)
@given(rows, st.sets(st.sampled_from(KEYS)))
def test_what_is_held_is_what_a_walk_over_every_row_finds(tmp_path_factory, held, asked):
    floor = Floor.create(tmp_path_factory.mktemp("held") / "floor", CLERK, ceiling="PC//COMP:owl")
    for number, (kind, marking, key) in enumerate(held):
        named = {COLUMN[kind]: key} if kind in COLUMN else {"subjects": [key]}
        take(floor, kind, report_key=str(number), marking=marking, **named)
    expected = {}
    for _, marking, key in held:
        if key in asked and not allowed(ASKER, parse(marking)):
            expected.setdefault(marking, set()).add(key)
    assert deconfliction.held(floor, ASKER, asked) == expected


def test_a_subject_that_only_a_hidden_text_mentions_is_held_too(floor):
    mention = {"subject": "vessel:imo:9074729", "text": "9074729", "portion": 0, "start": 0, "how": "x"}
    take(floor, "report", marking=HERON, report_key="1", mentions=[mention])
    assert deconfliction.held(floor, ASKER, ["vessel:imo:9074729"]) == {HERON: {"vessel:imo:9074729"}}


def test_a_query_names_keys_and_numbers_that_prove_themselves():
    text = 'person:x:1 "IMO 9074729" landing FI2112345600000785'
    assert deconfliction.named(text) == [
        "person:x:1",
        "vessel:imo:9074729",
        "account:iban:FI2112345600000785",
    ]
    assert deconfliction.named("nothing 12345") == []


def task(floor, id_, marking=OPEN, state="issued", spot=(45.01, -73.45, 100.0), starts=None, ends=None):
    latitude, longitude, radius = spot
    values = {"latitude": latitude, "longitude": longitude, "radius": radius, "starts": starts}
    take(floor, "task", task=id_, report_key=id_, marking=marking, state=state, deadline=ends, **values)


def test_both_commanders_are_warned_once_and_neither_sees_more_than_his_own(floor):
    task(floor, "aaaa", HERON)
    task(floor, "bbbb", spot=(45.015, -73.45, 100.0))
    task(floor, "cccc", spot=(46.0, -73.45, 100.0))
    (number,) = spots.warn(floor, "bbbb")
    assert spots.warn(floor, "bbbb") == [number]
    assert [(one.number, one.task) for one in spots.warnings(floor, ASKER)] == [(number, "bbbb")]
    assert [(one.number, one.task) for one in spots.warnings(floor, OWNER)] == [
        (number, "bbbb"),
        (number, "aaaa"),
    ]
    assert spots.warn(floor, "cccc") == []


def test_a_task_with_a_place_logs_one_act_whatever_is_near(floor):
    task(floor, "aaaa", HERON)
    task(floor, "bbbb", HERON)
    task(floor, "cccc")
    task(floor, "dddd", spot=(46.0, -73.45, 100.0))
    for id_, near_it in (("cccc", 2), ("dddd", 0)):
        before = floor.position
        assert len(spots.warn(floor, id_)) == near_it
        (act,) = floor.acts(before + 1, floor.position)
        assert (act.act, act.actor, list(act.detail)) == ("near", deconfliction.DUTY, ["pairs"])


@pytest.mark.parametrize("state", ["done", "refused"])
def test_a_closed_task_warns_nobody(floor, state):
    task(floor, "aaaa", state=state)
    task(floor, "bbbb")
    assert spots.warn(floor, "bbbb") == []


def test_tasks_far_apart_in_time_do_not_meet():
    day = timedelta(days=1)
    one = Spot(45, -73, 0, NOW, NOW + timedelta(hours=4))
    assert near(one, Spot(45, -73, 0, NOW + timedelta(hours=7), NOW + day))
    assert not near(one, Spot(45, -73, 0, NOW + timedelta(hours=9), NOW + day))
    assert near(one, Spot(45, -73))


places = st.tuples(st.floats(-89, 89), st.floats(-180, 180))


@given(places, places)
def test_distance_is_the_angle_between_the_two_directions(a, b):
    """Oracle: the angle between two directions, by cross and dot product."""
    import numpy as np

    def direction(latitude, longitude):
        phi, lam = np.radians([latitude, longitude])
        return np.array([np.cos(phi) * np.cos(lam), np.cos(phi) * np.sin(lam), np.sin(phi)])

    u, v = direction(*a), direction(*b)
    expected = MEAN_RADIUS * np.arctan2(np.linalg.norm(np.cross(u, v)), u @ v)
    assert spots.metres(*a, *b) == pytest.approx(expected, abs=0.5)


@pytest.mark.parametrize("text", ["45", "x,y", "91,0", "0,181", "1,2,-3", "1,2,3,4", "nan,1", "1,2,inf", ""])
def test_what_is_no_place_is_refused(text):
    with pytest.raises(Refusal, check=because("cell.no-place")):
        place(text)


def test_a_place_is_read():
    assert place("45.0105,-73.4532,500") == (45.0105, -73.4532, 500.0)
    assert place("45.0105,-73.4532") == (45.0105, -73.4532, 0.0)


def call(*words, code=0):
    result = RUNNER.invoke(app, [str(word) for word in words], catch_exceptions=False)
    assert result.exit_code == code, result.output
    return result


def test_two_tasks_by_the_command_line(tmp_path):
    floor = tmp_path / "floor"
    call("init", "--floor", floor, "--purpose", "border", "--authority", "an Act")
    law = ("--floor", floor, "--authority", "Customs Act s. 99", "--purpose", "border", "--json")
    asked = (
        "cases",
        "task",
        "issue",
        "--unit",
        "border-operations",
        "--form",
        "lookout",
        "--instruction",
        "look",
    )
    first = call(*asked, "--subject", "person:x:1", "--place", "45.01,-73.45,200", *law)
    second = call(*asked, "--subject", "person:x:2", "--place", "45.012,-73.45", *law)
    one, two = (json.loads(each.stdout) for each in (first, second))
    assert one["near"] == []
    (number,) = two["near"]
    rows = [json.loads(line) for line in call("share", "deconflict", "near", *law).stdout.splitlines()]
    assert {row["task"] for row in rows} == {one["task"], two["task"]}
    assert {row["number"] for row in rows} == {number}


def test_the_floor_warns_where_its_policy_names_officers_alone(tmp_path, monkeypatch):
    """The duty is no reader of the policy, and its acts are logged all the same."""
    policy = tmp_path / "policy.toml"
    policy.write_text('[readers.anna]\nprotected = "PB"\n', "utf-8")
    monkeypatch.setenv("WATCHFLOOR_USER", "anna")
    law = ("--floor", tmp_path / "floor", "--authority", "Customs Act s. 99", "--purpose", "border")
    call("init", "--policy", policy, *law)
    asked = (
        "cases",
        "task",
        "issue",
        "--unit",
        "border-operations",
        "--form",
        "lookout",
        "--instruction",
        "look",
    )
    call(*asked, "--subject", "person:x:1", "--place", "45.01,-73.45,200", *law)
    names = [act.act for act in Floor.open(tmp_path / "floor").acts()]
    assert names[-2:] == ["hit", "near"]
