"""Alerts by rule: one for a matter, as likely or strong as asked, and again when something new speaks."""

import pytest
from tests.casework.world import KEY, WATCH, Log, at
from tests.refusals import refused

from watchfloor.casework.tasking import units
from watchfloor.casework.watch import alerting, orders, repository, watch
from watchfloor.casework.watch.orders import AlertRule, TaskRule
from watchfloor.cell.leads import Contribution, Lead
from watchfloor.cell.weighing.weights import Hypothesis, Weights, load
from watchfloor.core.messages import Reason
from watchfloor.formats.settings import SettingsError
from watchfloor.policy.policy import Reader
from watchfloor.store import Actor, Floor

WHY = Reason("cell.repeats", {})
LIFE = AlertRule("cold", hypothesis="life-at-risk", probability=0.4, flags=("life-at-risk",), hours=2)


def speaks(number, rule="cold-exposure", strength="likely", bits=9.5, minute=0):
    subject, row = f"track:surveillance:{number}", number.to_bytes(16, "big")
    place = (49.0, -98.0, 30.0)
    return Contribution(row, subject, rule, strength, bits, None, at(minute), WHY, (), (), place=place)


def lead(*contributions, hypothesis="life-at-risk", prior=-10.0, marking="PB//TLP:AMBER"):
    bits = prior + sum(one.bits for one in contributions)
    subjects = tuple(dict.fromkeys(one.subject for one in contributions))
    return Lead(
        subjects[-1], subjects[0], hypothesis, prior, bits, contributions, marking, "", subjects=subjects
    )


def found(chain, *heads, since=None, weights=None):
    return list(alerting.matches(chain, heads, weights or load(), since))


def written(log, chain, *heads, minute=0):
    """What matches add to a log; gives the kinds of lines."""
    rows = alerting.rows_of(chain, log.rows, found(chain, *heads), at(minute), KEY)
    for row in rows:
        log.add(row)
    return [row["what"] for row in rows]


def ruled(*rules):
    return orders.Watch(WATCH.roles, WATCH.minutes, WATCH.order, rules)


CHAIN = ruled(LIFE)


def test_a_rule_wants_its_hypothesis_likely_and_its_signal_strong_and_not_old():
    faint, sure = lead(speaks(3, bits=7.0)), lead(speaks(3))
    assert [one.lead for one in found(CHAIN, faint, sure)] == [sure]
    assert found(CHAIN, lead(speaks(3), hypothesis="terrorism")) == []
    (one,) = found(CHAIN, sure, since=at(119))
    assert (one.cause.place, one.cause.subjects) == ((49.0, -98.0, 30.0), ("track:surveillance:3",))
    assert found(CHAIN, sure, since=at(121)) == []
    signal = ruled(AlertRule("met", signal="ice", strength="likely"))
    bits = {("ice", "unlikely"): 1.0, ("ice", "likely"): 2.0, ("ice", "certain"): 3.0}
    weights = Weights({"a": Hypothesis("a", -5.0, bits)}, "")
    strengths = enumerate(("unlikely", "likely", "certain", "?"))
    heads = [lead(speaks(n, "ice", strength)) for n, strength in strengths]
    assert [one.lead for one in found(signal, *heads, weights=weights)] == heads[1:3]


def test_one_matter_has_one_alert_until_something_new_speaks_after_it_was_closed():
    log = Log()
    two = lead(speaks(3), speaks(4))
    assert written(log, CHAIN, two) == ["alert"]
    assert written(log, CHAIN, two) == []
    assert written(log, CHAIN, lead(speaks(3), speaks(5))) == ["added"], "it joins the one that is open"
    (entry,) = watch.alerts(CHAIN, log.rows)
    one = watch.alerts(CHAIN, log.rows)[entry]
    assert {subject[-1] for subject in one.subjects} == {"3", "4", "5"}
    log.add(watch.acknowledge(one, "ben", at(1)))
    assert watch.due(CHAIN, log.rows, at(99)) == []
    assert written(log, CHAIN, lead(speaks(5)), minute=2) == [], "what was added is known"
    assert written(log, CHAIN, lead(speaks(5), speaks(6)), minute=3) == ["alert"]
    assert written(log, CHAIN, lead(speaks(9)), lead(speaks(8)), minute=3) == ["alert", "alert"]
    assert len({row["report_key"] for row in log.rows}) == len(watch.alerts(CHAIN, log.rows)) == 4


def test_the_author_of_an_alert_is_its_rule_and_its_words_are_in_both_languages():
    log = Log()
    written(log, CHAIN, lead(speaks(3), marking="PB//TLP:RED"))
    (row,) = log.rows
    assert (row["by"], row["marking"], row["flags"]) == ("rule: cold", "PB//TLP:RED", ["life-at-risk"])
    assert watch.words(row, "en") == row["text"] == WHY.render("en")
    assert watch.words(row, "fr") == WHY.render("fr") != row["text"]


def test_an_alert_passes_roles_that_nobody_holds_and_says_which():
    log = Log()
    log.add(watch.on_call(WATCH, "officer in charge", "okafor", None, "anna", at(0), KEY, "PB"))
    log.add(watch.on_call(WATCH, "watch officer", "ben", None, "anna", at(0), KEY, "PB"))
    written(log, CHAIN, lead(speaks(3)))
    told = [watch.due(CHAIN, log.rows, at(minute))[0] for minute in (1, 2, 9)]
    assert [(one.to, one.next, one.unheld, one.by) for one in told] == [
        ("ben", "okafor", (), at(2)),
        ("okafor", None, ("duty inspector",), at(4)),
        ("okafor", None, ("duty inspector",), at(4)),
    ]
    written(empty := Log(), CHAIN, lead(speaks(3)))
    (one,) = watch.due(CHAIN, empty.rows, at(1))
    assert (one.to, one.unheld) == ("watch officer", ("watch officer",))
    assert (watch.nobody(CHAIN, empty.rows, at(1)), watch.nobody(CHAIN, log.rows, at(1))) == (True, False)


def test_what_it_offers_to_give_is_what_a_unit_may_be_given():
    log = Log()
    written(log, CHAIN, lead(speaks(3)))
    (one,) = watch.alerts(CHAIN, log.rows).values()
    table = units.load()

    def offered(**how):
        wanted = TaskRule(en="Help.", fr="Secourez.", **how)
        first, others = repository.drafts(table, wanted, WHY.render(), one.place, one.flags, at(0), "en")
        given = {name for name, unit in table.units.items() if units.authorities(table, unit, "task")}
        assert {each.unit for each in (*first, *others)} == given, "each once"
        return first[0] if first else None

    made = offered(unit="rescue", authority="Canada Shipping Act, 2001 s. 131")
    assert (made.unit, made.authority, made.place) == (
        *("rescue", "Canada Shipping Act, 2001 s. 131"),
        "49.00000,-98.00000,30",
    )
    assert offered(unit="rescue").authority == "Canada Shipping Act, 2001 s. 130"
    assert table.units[offered(unit="police").unit].institution == "police"
    assert offered(unit="us-border") is offered(unit="nobody") is None
    others = offered(unit="border-operations", authority="Canada Shipping Act, 2001 s. 130")
    assert others.authority == "Customs Act s. 99", "its mandate names no shipping law"


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ('hypothesis = "life-at-risk"', "probability is above 0"),
        ('hypothesis = "life-at-risk"\nprobability = 0.2\nsignal = "x"', "give one of the two"),
        ('signal = "x"\nflags = ["death"]', "'death' is no flag"),
        ('signal = "x"\norder = "Live first"', "did you mean 'Life first'"),
        ('signal = "x"\ntask = { unit = "rescue", en = "a", fr = "b", minutes = 0 }', "minutes of the task"),
    ],
)
def test_a_rule_that_could_not_be_kept_is_refused(row, why):
    text = 'roles = ["a"]\nminutes = { routine = 9 }\norder = [{ name = "Life first", en = "a", fr = "b" }]\n'
    with pytest.raises(SettingsError, match=why):
        orders.read(f'{text}[[alert]]\nname = "cold"\n{row}\n', "watch.toml")


def test_a_chain_of_nobody_is_refused():
    for roles in ("[]", '["a", " "]'):
        with pytest.raises(SettingsError, match="goes to nobody"):
            orders.read(f"roles = {roles}\nminutes = {{ routine = 9 }}\n", "watch.toml")


def test_a_hypothesis_that_nobody_weighs_is_refused(tmp_path):
    rule = '[[alert]]\nname = "cold"\nhypothesis = "life-at-rest"\nprobability = 0.2\n'
    (tmp_path / orders.NAME).write_text(f'roles = ["a"]\n[minutes]\nroutine = 9\n{rule}')
    with pytest.raises(SettingsError, match="did you mean 'life-at-risk'"):
        alerting.rules(tmp_path, load())


def test_an_alert_by_hand_is_refused_while_nobody_is_on_call(tmp_path):
    floor = Floor.create(tmp_path / "floor", Actor("anna", "testing", "none"), ceiling="PB//TLP:RED")
    with floor.writer(Actor("anna", "testing", "none")) as writer:
        post = repository.Post(floor, Reader("anna", purpose="testing"), writer)
        refused("cell.alert-nobody", repository.refuse_nobody, post)
        repository.on_call(post, "duty inspector", "ben", None)
        repository.refuse_nobody(post)
