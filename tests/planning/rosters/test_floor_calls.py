"""Calls of a published roster: who is asked first, what they answered, and who was passed over."""

import pytest
from tests.planning.rosters.published import FIRST, write
from tests.refusals import refused

import watchfloor
from watchfloor.planning.rosters import papers
from watchfloor.planning.rosters.check import check
from watchfloor.store import Actor, Floor

POLICY = """[readers.chief]
protected = "PB"
role = "supervisor"
[readers.Roy]
protected = "PB"
[readers.guest]
protected = ""
tlp = "AMBER"
"""
SICK = (f"Roy={FIRST}", f"Boudreau={FIRST}")
ASKING = """
[asking]
order = ["overtime"]
clause = "art. 28"
"""


@pytest.fixture
def root(tmp_path):
    made = Floor.create(tmp_path / "floor", Actor("chief", "watch", "none"), ceiling="PB//TLP:RED")
    (made.root / "policy.toml").write_text(POLICY, "utf-8")
    return made.root


@pytest.fixture
def folder(tmp_path):
    """A week in whose order of asking Singh, of the fewest hours of overtime, is before Chen."""
    path = write(tmp_path / "emerson")
    (path / "rules.toml").write_text((path / "rules.toml").read_text("utf-8") + ASKING, "utf-8")
    head, *rows = (path / "staff.csv").read_text("utf-8").splitlines()
    staff = [f"{head},overtime", *(f"{row},{0 if row.startswith('Singh') else 9}" for row in rows)]
    (path / "staff.csv").write_text("\n".join(staff) + "\n", "utf-8")
    return path


def face(root, user="chief"):
    opened = watchfloor.open(root, purpose="watch", authority="none", user=user)
    return opened.rosters, opened.roster_calls


def test_a_call_names_who_is_first_and_what_is_accepted_is_the_next_edition(root, folder):
    rosters, calls = face(root)
    rosters.publish(folder=folder)
    found = calls.call_in(sick=SICK)
    first, second = found.repairs
    assert (found.clause, found.edition, found.cautions) == ("art. 28", 1, False)
    assert [one.changes[0].officer for one in found.repairs] == ["Singh", "Chen"]
    assert first.put == (*(f"{name}={FIRST}=off" for name in ("Boudreau", "Roy")), f"Singh={FIRST}=N/lane")
    assert [(one.clause, one.cost) for one in first.breaks] == [("nights", 5)]
    before = papers.of_folder(folder)
    assert {one.clause for one in check(before.problem, before.changed(first.put).grid).breaches} <= {
        "nights", "demand"
    }  # fmt: skip
    assert calls.call_in(sick=(f"Ames={FIRST}",)).repairs[0].changes == []  # the other is enough
    assert rosters.change(put=first.put, why="two are ill", edition=found.edition).edition == 2
    refused("rosters.stale", calls.call_in, sick=SICK, edition=1)
    assert second.fewest


def test_who_said_no_is_not_asked_again_and_who_was_not_asked_was_passed_over(root, folder):
    rosters, calls = face(root)
    rosters.publish(folder=folder)
    chen, singh = f"Chen={FIRST}=N/lane", f"Singh={FIRST}=N/lane"
    put = (*(f"{name}={FIRST}=off" for name in ("Roy", "Boudreau")), chen)
    assert [one.who for one in rosters.what_if(put=put).breaks if one.clause == "art. 28"] == ["Singh"]
    refused("rosters.unlawful", rosters.change, put=put, why="ill")
    rosters.change(put=put, why="ill", anyway=True)
    told = calls.answers()
    assert [(one.who, one.clause, one.what) for one in told.passed_over] == [
        ("Singh", "art. 28", "Chen, N/lane")
    ]
    assert told.cautions
    written = calls.answer(put=(singh,), answer="no", sick=SICK)
    assert (written.count, written.marking) == (1, "PB//TLP:AMBER")
    told = calls.answers()
    assert told.passed_over == []
    assert [(one.officer, one.work, one.agreed, one.by, one.why) for one in told.answers] == [
        ("Singh", "N/lane", False, "chief", ", ".join(SICK))
    ]
    away = (f"Chen={FIRST}",)
    assert calls.call_in(sick=away).declined == [f"Singh={FIRST}"]
    assert all(one.officer != "Singh" for each in calls.call_in(sick=away).repairs for one in each.changes)
    calls.answer(put=(singh,), answer="yes")
    assert calls.call_in(sick=away).repairs[0].changes[0].agreed


def test_work_for_which_others_come_first_is_published_once_they_have_answered(root, folder):
    """In a folder, by the log beside it."""
    rosters, _ = face(root)
    rosters.publish(folder=folder)
    off, chen = [f"{name}={FIRST}=off" for name in ("Roy", "Boudreau")], f"Chen={FIRST}=N/lane"
    later = papers.of_folder(folder).changed([*off, chen])
    (folder / papers.ROSTER_CSV).write_bytes(later.files[papers.ROSTER_CSV])
    refused("rosters.unlawful", rosters.publish, folder=folder)
    (folder / "asked.csv").write_text(f"officer,date,answer\nSingh,{FIRST},no\n", "utf-8")
    assert rosters.publish(folder=folder).unlawful == 0


def test_overtime_that_is_posted_out_of_order_is_refused(root, folder):
    rules = (folder / "rules.toml").read_text("utf-8")
    (folder / "rules.toml").write_text(f'{rules}\n[overtime]\nhours = 12\nclause = "art. 8"\n', "utf-8")
    rosters, _ = face(root)
    refused("rosters.unlawful", rosters.publish, folder=folder)
    assert rosters.publish(folder=folder, anyway=True).unlawful > 0


def test_answers_are_personal_and_written_by_who_publishes(root, folder):
    rosters, calls = face(root)
    rosters.publish(folder=folder)
    singh = f"Singh={FIRST}=N/lane"
    calls.answer(put=(singh,), answer="no")
    assert len(face(root, "Roy")[1].answers().answers) == 1
    refused("rosters.no-right", face(root, "Roy")[1].answer, put=(singh,), answer="no")
    told = face(root, "guest")[1].answers()
    assert (told.answers, told.passed_over) == ([], None)
    refused("rosters.no-papers", face(root, "guest")[1].call_in, sick=SICK)
    assert rosters.list().rosters[0].edition == 1  # an answer is no edition


@pytest.mark.parametrize(
    ("how", "message"),
    [
        ({"sick": ()}, "rosters.no-call"),
        ({"sick": ("Roy",)}, "rosters.bad-sick"),
        ({"sick": ("Nobody=2099-03-02",)}, "rosters.no-officer"),
        ({"sick": ("Roy=2099-04-02",)}, "rosters.no-day"),
    ],
)
def test_a_call_that_says_nothing_is_refused(root, folder, how, message):
    rosters, calls = face(root)
    rosters.publish(folder=folder)
    refused(message, calls.call_in, **how)
    refused("rosters.not-worked", calls.answer, put=(f"Singh={FIRST}=off",), answer="no")
