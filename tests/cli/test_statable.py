"""Which purposes and authorities a reader may state: those of the person, else those of the role."""

import pytest
from tests.cli.worlds import in_, run

from watchfloor.formats.settings import SettingsError
from watchfloor.policy import terms
from watchfloor.run.views import readers
from watchfloor.store.floor import Floor
from watchfloor.store.log import Actor
from watchfloor.store.readers import NotPermitted

POLICY = """
[purposes]
border = { en = "b", fr = "b" }
fraud = { en = "f", fr = "f" }
audit = { en = "a", fr = "a" }
[authorities]
"an Act, s. 1" = { en = "1", fr = "1" }
"an Act, s. 2" = { en = "2", fr = "2" }
[roles.analyst]
purposes = ["border"]
authorities = ["an Act, s. 1"]
[readers.sup]
protected = "PB"
role = "supervisor"
[readers.ana]
protected = "PB"
[readers.fin]
protected = "PB"
purposes = ["fraud", "audit"]
"""


@pytest.fixture
def floor(tmp_path):
    (tmp_path / "policy.toml").write_text(POLICY, "utf-8")
    with in_(tmp_path, "sup"):
        run("init", "--name", "cell", "--ceiling", "PB//TLP:RED", "--policy", "policy.toml")
    return Floor.open(tmp_path / "floor")


@pytest.mark.parametrize(
    ("name", "purposes", "authorities"),
    [
        ("sup", {"border", "fraud", "audit"}, {"an Act, s. 1", "an Act, s. 2"}),
        ("ana", {"border"}, {"an Act, s. 1"}),
        ("fin", {"fraud", "audit"}, {"an Act, s. 1"}),
    ],
)
def test_who_states_what_the_policy_does_not_let_them_is_refused_everywhere(
    floor, name, purposes, authorities
):
    policy = terms.load(floor.root)
    assert policy.statable("purposes", name).keys() == purposes
    assert policy.statable("authorities", name).keys() == authorities
    for purpose in ("border", "fraud", "audit", "because I can"):
        if purpose in purposes:
            assert floor.reader(name, purpose).purpose == purpose
        else:
            with pytest.raises(NotPermitted):
                floor.reader(name, purpose)
    for authority in ("an Act, s. 1", "an Act, s. 2", "because I can"):
        with in_(floor.root.parent, name, min(purposes)):
            code = 0 if authority in authorities else 3
            run("leads", "--authority", authority, code=(code,))
        if authority in authorities:
            floor.writer(Actor(name, min(purposes), authority)).close()
        else:
            with pytest.raises(NotPermitted):
                floor.writer(Actor(name, min(purposes), authority))


def test_a_run_keeps_the_views_of_the_purposes_that_each_reader_may_state(floor):
    with in_(floor.root.parent, "sup"):
        for number, marking in enumerate(("PB", "PB//TLP:AMBER//PURPOSE:fraud")):
            row = f"report_key,role,name,schema,observed_at\n{number},payee,Ann Roy,Person,2026-11-24\n"
            (floor.root.parent / "p.csv").write_text(row, "utf-8")
            run("ingest", "p.csv", "--marking", marking)
    made = {(one.name, one.purpose) for one in readers(floor, floor.reader("sup", "border"))}
    assert made == {
        ("sup", "border"),
        ("sup", "fraud"),
        ("ana", "border"),
        ("fin", "audit"),
        ("fin", "fraud"),
    }


@pytest.mark.parametrize(
    "wrong",
    ["[roles.boss]", '[roles.analyst]\npurposes = ["brder"]', '[readers.x]\nauthorities = ["an Act"]'],
)
def test_a_policy_that_lets_state_what_it_does_not_define_is_refused(wrong):
    with pytest.raises(SettingsError):
        terms.read(f"{POLICY.split('[roles')[0]}{wrong}\n", "policy.toml")
