"""Tasks across the line: what the Integrated Cross-border Law Enforcement Operations Act asks, leg by leg."""

from dataclasses import replace

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.casework.world import KEY, UNITS, Log, at, order
from tests.refusals import because

from watchfloor.casework.tasking import tasks
from watchfloor.casework.tasking.assets import Asset
from watchfloor.casework.tasking.legs import HOSTS, MEDIA, Leg, checked, leg, lies_in, sides
from watchfloor.casework.tasking.tasks import Change
from watchfloor.cell.acts import Refusal
from watchfloor.core.messages import Reason

LAW = "ICLEOA s. 12"
RIVER = (44.3600, -75.9300)
"""The St. Lawrence at the Thousand Islands, on the Canadian side."""
SOUTH = (44.3500, -75.9300)
"""The same on the American side."""
WATER = Leg("USA", "water", *SOUTH, "Bold Heron", "CBMLEO-17", "USA:Lt. Doe", "USA")
HOME = Leg("CAN", "water", *RIVER, None, "CBMLEO-17", "CAN:Sgt. Roy", "CAN")


def boat(joint, unit="rcmp-operations", kind="boat"):
    return Asset(
        kind=kind, unit=unit, latitude=44.34, longitude=-75.93, reach_m=3000.0, half_width_m=200.0,
        detects=0.9, alarms=0.02, error_m=20.0, speed_m_s=18.0, joint=joint,
    )  # fmt: skip


def across(*legs, **changes):
    """A task of the RCMP that lies across the line."""
    given = {"form": "task", "unit": "rcmp-operations", "authority": LAW, "legs": legs}
    return order(**(given | changes))


def issued(asked, fleet=None):
    return tasks.issue(UNITS, asked, "anna", at(0), KEY, fleet=fleet or {})


def refusal(asked, fleet=None):
    with pytest.raises(Refusal) as refused:
        issued(asked, fleet)
    return refused.value.reason


def test_a_jointly_crewed_vessel_with_all_that_the_act_asks_is_sent():
    row = issued(across(HOME, WATER, joins=("rcmp-air",)))
    log = Log()
    log.add(row)
    (one,) = tasks.Task.fold(log.rows).values()
    assert one.order.legs == (HOME, WATER)
    assert one.order.joins == ("rcmp-air",)


def test_a_place_that_reaches_over_the_line_needs_legs_or_a_smaller_radius():
    place = (*RIVER, 500.0)
    why = refusal(across(place=place))
    assert (why.message, why.params["host"]) == ("cell.legs-reaches", "USA")
    metres = why.params["metres"]
    assert sides(*RIVER, metres) == {"CAN"}
    assert sides(*RIVER, metres + 1) == set(HOSTS)
    assert issued(across(place=(*RIVER, float(metres))))
    assert issued(across(HOME, WATER, place=place))
    assert refusal(across(HOME, place=place)) == Reason("cell.legs-beyond", {"host": "USA"})
    assert refusal(across(place=(*SOUTH, 0.0))) == Reason("cell.legs-beyond", {"host": "USA"})


def test_who_only_looks_out_sends_nobody_over():
    here = {"place": (*RIVER, 500.0), "unit": "border-operations", "authority": "Customs Act s. 99"}
    assert issued(order(form="lookout", **here))
    assert refusal(order(form="lookout", legs=(WATER,), **here)).message == "cell.legs-no-task"


@pytest.mark.parametrize(
    ("change", "message", "more"),
    [
        ({"officer": None}, "no-officer", {"medium_words": "water"}),
        ({"director": None}, "no-director", {"medium_words": "water"}),
        ({"director": "CAN:Sgt. Roy"}, "not-of-host", {"director": "CAN:Sgt. Roy"}),
        ({"director": "Lt. Doe"}, "not-of-host", {"director": "Lt. Doe"}),
        ({"director": "USA:"}, "not-of-host", {"director": "USA:"}),
        ({"custody": None}, "no-custody", {"medium_words": "water"}),
        ({"custody": "CAN"}, "other-law", {"custody": "CAN"}),
        ({"vessel": None}, "no-vessel", {}),
        ({"latitude": None, "longitude": None}, "no-waters", {}),
        ({"latitude": RIVER[0] + 0.05}, "wrong-side", {"side": "CAN"}),
        ({"medium": "land"}, "no-authority", {}),
        ({"medium": "land", "authority": LAW}, "no-authority", {}),
        ({"medium": "air"}, "air-alone", {}),
    ],
)
def test_a_leg_that_lacks_something_is_refused_with_what_and_why(change, message, more):
    why = Reason(f"cell.legs-{message}", {"number": 1, "host": "USA", **more})
    assert refusal(across(replace(WATER, **change))) == why


def test_a_leg_on_the_own_side_of_such_a_task_says_who_directs_it_too():
    why = Reason("cell.legs-no-director", {"number": 2, "host": "CAN", "medium_words": "water"})
    assert refusal(across(WATER, replace(HOME, director=None))) == why


def test_over_land_a_person_cites_the_law():
    cited = "Canada-US Preclearance Agreement, art. V"
    assert issued(across(replace(WATER, medium="land", authority=cited)))
    assert issued(across(replace(WATER, medium="air", authority=cited)))
    assert issued(across(WATER, replace(WATER, medium="air", vessel=None)))


@pytest.mark.parametrize(
    ("place", "area"),
    [
        ((44.50, -67.10), "machias-seal-island"),
        ((70.5, -140.0), "beaufort-sea"),
        ((54.50, -132.0), "dixon-entrance"),
        ((48.45, -124.9), "juan-de-fuca"),
    ],
)
def test_no_vessel_of_both_goes_where_both_claim_the_waters(place, area):
    latitude, longitude = place
    why = Reason("cell.legs-disputed", {"number": 1, "areas": area})
    assert refusal(across(replace(WATER, latitude=latitude, longitude=longitude))) == why
    nowhere = replace(WATER, latitude=None, longitude=None)
    assert refusal(across(nowhere, place=(*place, 100.0))).message == "cell.legs-disputed"
    assert issued(across(place=(*place, 100.0)))  # nobody asserts on which side it is


def test_at_akwesasne_no_side_of_a_leg_is_asserted():
    assert issued(across(replace(WATER, latitude=45.02, longitude=-74.6)))


def test_the_border_agency_is_not_among_those_who_take_part():
    for unit, authority, organisation in (
        ("border-operations", "Customs Act s. 99", "CBSA"),
        ("marine-security", "RCMP Act s. 18", "MSOC"),
    ):
        why = refusal(across(WATER, unit=unit, authority=authority))
        assert (why.message, why.params["organisation"]) == ("cell.legs-no-party", organisation)


def test_who_supports_must_be_able_to_take_part_and_be_covered():
    units = msgspec.structs.replace(
        UNITS,
        units={
            **UNITS.units,
            "air": msgspec.structs.replace(UNITS.units["rcmp-air"], institution="other-department"),
        },
    )
    with pytest.raises(
        Refusal, check=because("cell.legs-no-party", unit="RCMP air services", organisation="RCMP")
    ):
        checked(units, {}, across(WATER, joins=("air",)))
    for joins, message in (
        (("border-operations",), "cell.not-covered"),
        (("navy",), "cell.no-unit"),
        (("rcmp-operations",), "cell.joins-itself"),
        (("rcmp-air", "rcmp-air"), "cell.joins-itself"),
    ):
        assert refusal(across(WATER, joins=joins)).message == message


def test_a_vessel_of_the_floor_is_crewed_by_both_or_stays():
    asked = across(replace(WATER, vessel=None), asset="heron")
    assert issued(asked, {"heron": boat(joint=True)})
    why = Reason("cell.legs-not-joint", {"number": 1, "host": "USA", "vessel": "heron"})
    assert refusal(asked, {"heron": boat(joint=False)}) == why
    named = across(replace(WATER, vessel="heron"))
    assert refusal(named, {"heron": boat(joint=False, kind="drone")}) == why


def test_an_asset_is_one_of_those_who_are_asked():
    fleet = {"heron": boat(joint=True, unit="rcmp-air"), "gull": boat(joint=False)}
    theirs = {"asset": "heron", "units": "RCMP operations centre", "assets": "gull"}
    assert refusal(across(asset="heron"), fleet) == Reason("cell.no-asset", theirs)
    assert issued(across(asset="heron", joins=("rcmp-air",)), fleet)["asset"] == "heron"


def test_a_leg_that_claims_the_wrong_country_does_not_pass_as_a_task_at_home():
    there = replace(HOME, latitude=SOUTH[0])
    why = Reason("cell.legs-wrong-side", {"number": 1, "host": "CAN", "side": "USA"})
    for place in (None, (*RIVER, 0.0)):
        assert refusal(across(there, place=place)) == why
    assert refusal(across(HOME, there, WATER)).params["number"] == 2
    assert refusal(across(there, unit="rescue", authority="Canada Shipping Act, 2001, s. 130")) == why


def test_rescue_is_no_law_enforcement_and_waits_for_no_leg():
    asked = {"unit": "rescue", "authority": "Canada Shipping Act, 2001, s. 130", "marking": "PA//TLP:AMBER"}
    assert issued(across(place=(*SOUTH, 2000.0), **asked))


def test_an_amendment_is_held_to_the_same():
    log = Log()
    row = log.add(issued(across(HOME, WATER)))
    one = tasks.Task.fold(log.rows)[row["task"]]
    with pytest.raises(Refusal, check=because("cell.legs-no-officer")):
        tasks.amend(UNITS, one, 1, Change(legs=(replace(WATER, officer=None),)), "anna", at(1), "w")
    amended = tasks.amend(UNITS, one, 1, Change(legs=(WATER,), joins=("rcmp-air",)), "anna", at(1), "w")
    assert [part["host"] for part in amended["legs"]] == ["USA"]
    assert amended["joins"] == ["rcmp-air"]
    kept = tasks.amend(UNITS, one, 1, Change("other"), "anna", at(1), "w")
    assert len(kept["legs"]) == 2


def test_a_leg_is_read_as_it_is_typed():
    text = (
        "host=usa, medium=Water,place=44.33,-75.92,vessel=Bold Heron,officer=Doe, J., USCG,"
        "director=USA:Lt. Doe,custody=usa"
    )
    assert leg(text) == Leg(
        "USA", "water", 44.33, -75.92, "Bold Heron", "Doe, J., USCG", "USA:Lt. Doe", "USA"
    )


@pytest.mark.parametrize(
    ("text", "message", "params"),
    [
        ("", "cell.leg-unreadable", {"piece": ""}),
        ("over there", "cell.leg-unreadable", {"piece": "over there"}),
        ("host=USA,medium=water,boss=x", "cell.leg-unreadable", {"piece": "boss=x"}),
        ("host=USA,host=CAN,medium=water", "cell.leg-twice", {"key": "host"}),
        ("medium=water", "cell.leg-no-host", {"host": ""}),
        ("host=MEX,medium=water", "cell.leg-no-host", {"host": "MEX"}),
        ("host=USA", "cell.leg-no-medium", {"medium": ""}),
        ("host=USA,medium=water,place=here", "cell.no-place", {"text": "here"}),
    ],
)
def test_what_is_no_leg_is_refused(text, message, params):
    with pytest.raises(Refusal, check=because(message, **params)):
        leg(text)


@given(st.text(max_size=80))
def test_any_text_is_a_leg_or_is_refused(text):
    try:
        found = leg(text)
    except Refusal:
        return
    assert found.host in HOSTS
    assert found.medium in MEDIA


@given(st.floats(44.0, 50.0), st.floats(-95.0, -74.0), st.floats(0, 5e4))
def test_a_wider_place_lies_in_no_fewer_countries(latitude, longitude, radius):
    here, wider = (lies_in(across(place=(latitude, longitude, r))) for r in (radius / 2, radius))
    assert here <= wider
