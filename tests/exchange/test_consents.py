"""The third-agency rule: what another owns goes on with its consent, to whom it was given, for as long."""

from datetime import date, timedelta

import pytest
from tests.exchange.nodes import (
    NOW,
    READER,
    WHO,
    assert_,
    floor,
    holding,
    keep,
    party,
    receive,
    send,
    signal,
    trusting,
)
from tests.exchange.test_origins import fold
from tests.refusals import because

from watchfloor.cell.acts import Refusal
from watchfloor.core.marking import parse
from watchfloor.core.messages import Reason
from watchfloor.exchange.bundles import consents, offers, signed_notices
from watchfloor.exchange.bundles.sending import AllWithheld
from watchfloor.policy.policy import Reader


@pytest.fixture
def three(tmp_path):
    lab, cell, police = trusting(*(floor(tmp_path, name) for name in ("lab", "cell", "police")))
    receive(cell, send(holding(lab), cell).data)
    fold(cell)
    return lab, cell, police


def lacks(owner, to):
    """That nothing goes, and all of it for want of one owner's consent."""

    def check(error):
        why = Reason("exchange.consent-lacking", {"owner": owner, "to": to})
        assert error.withheld
        assert all(one.reason == why for one in error.withheld)
        return True

    return check


def asked(cell, police, lab, count=None):
    given = offers.offer(cell, READER, signals=cell.signals(READER))
    needed = consents.missing(
        given, consents.foreign(cell, READER), [], "cell", police.settings.name, NOW.date()
    )
    assert {name for name, _ in needed} == {lab.settings.name}
    rows = sorted(row for _, row in needed)[:count]
    with cell.writer(WHO) as writer:
        return consents.ask(cell, writer, lab.settings.name, police.settings.name, rows, "boarding", NOW)


def given(lab, request, until=None):
    with lab.writer(WHO) as writer:
        slip = signed_notices.read(lab, request.encode(), "request", signed_notices.ASKED)
        return consents.give(lab, writer, slip, until, "agreed with counsel", NOW)[0]


def kept(cell, consent):
    with cell.writer(WHO) as writer:
        return consents.receive(
            cell, writer, signed_notices.read(cell, consent.encode(), "consent", signed_notices.CONSENT)
        )


def test_without_consent_it_stays(three):
    _, cell, police = three
    with pytest.raises(AllWithheld, check=lacks("lab", "police")):
        send(cell, police)
    assert not cell.acts_of("disclosed")


def test_with_consent_it_goes(three):
    lab, cell, police = three
    kept(cell, given(lab, asked(cell, police, lab)))
    packed = send(cell, police)
    assert packed.manifest.rows == 3
    (act,) = lab.acts_of("consented")
    assert (act.detail["to"], act.detail["recipient"], len(act.detail["rows"])) == ("cell", "police", 3)


def test_consent_is_for_the_rows_it_names(three):
    lab, cell, police = three
    kept(cell, given(lab, asked(cell, police, lab, count=1)))
    packed = send(cell, police)
    assert packed.manifest.rows == 1
    assert [one.rows for one in packed.withheld] == [2]


def test_consent_is_for_one_recipient(three, tmp_path):
    lab, cell, police = three
    kept(cell, given(lab, asked(cell, police, lab)))
    service = floor(tmp_path, "service")
    trusting(cell, service)
    with pytest.raises(AllWithheld, check=lacks("lab", "service")):
        send(cell, service)


def test_consent_ends(three):
    lab, cell, police = three
    kept(cell, given(lab, asked(cell, police, lab), until=NOW.date()))
    assert send(cell, police).manifest.rows == 3
    with pytest.raises(AllWithheld, check=lacks("lab", "police")):
        send(cell, police, now=NOW + timedelta(days=1))


def test_back_to_its_owner_it_needs_nobodys_consent(three):
    lab, cell, _ = three
    assert send(cell, lab).manifest.rows == 3


def test_what_lay_below_the_tear_line_goes_on(tmp_path):
    lab, cell, police = trusting(*(floor(tmp_path, name) for name in ("lab", "cell", "police")))
    ids = keep(lab, [party(0), party(1)])
    low = signal(lab, 0, ids[:1], marking="PA//TLP:GREEN")
    assert_(lab, [low, signal(lab, 1, ids[1:])])
    receive(cell, send(lab, cell, tear_line=parse("PA//TLP:GREEN")).data)
    fold(cell)
    packed = send(cell, police)
    assert packed.manifest.rows == 1
    receive(police, packed.data)
    fold(police)
    with pytest.raises(AllWithheld, check=lacks("cell", "lab")):
        send(police, lab, now=NOW + timedelta(hours=1))


def test_originator_control_binds_what_was_made_here_too(tmp_path):
    lab, cell = trusting(floor(tmp_path, "lab"), floor(tmp_path, "cell"))
    (record,) = keep(lab, [party(0)])
    assert_(lab, [signal(lab, 0, [record], marking="PB//TLP:AMBER//ORCON:police")])
    rows = _own(lab)
    packed = offers.offer(lab, READER, signals=rows)
    with pytest.raises(AllWithheld, check=lacks("police", "cell")):
        send(lab, cell, offered=packed)


def _own(one):
    return one.signals(Reader("officer", organisation="police", purpose="a test"))


def test_ones_own_control_binds_others_and_is_read_where_it_was_sent(tmp_path):
    lab, cell, police = trusting(*(floor(tmp_path, name) for name in ("lab", "cell", "police")))
    (record,) = keep(lab, [party(0)])
    assert_(lab, [signal(lab, 0, [record], marking="PB//TLP:AMBER//ORCON:lab")])
    rows = lab.signals(Reader("officer", organisation="lab", purpose="a test"))
    packed = send(lab, cell, offered=offers.offer(lab, READER, signals=rows))
    got, _ = receive(cell, packed.data)
    assert got.originators == ("lab",)
    officer = cell.reader("officer", "a test")
    assert cell.read("disclosure", officer).num_rows == 1
    fold(cell, officer)
    given_ = offers.offer(cell, officer, signals=cell.signals(officer))
    with pytest.raises(AllWithheld, check=lacks("lab", "police")):
        send(cell, police, offered=given_, reader=officer)


def test_a_consent_that_nobody_asked_for_is_refused(three):
    lab, cell, police = three
    request = asked(cell, police, lab)
    consent = given(lab, request)
    with (
        police.writer(WHO) as writer,
        pytest.raises(Refusal, check=because("exchange.for-another", file="c", to="cell", name="police")),
    ):
        consents.receive(
            police, writer, signed_notices.read(police, consent.encode(), "c", signed_notices.CONSENT)
        )
    stray = signed_notices.write(
        lab, signed_notices.CONSENT, "cell", NOW, rows=["a"], recipient="police", request="00", until=None
    )
    with pytest.raises(Refusal, check=because("exchange.consent-not-asked")):
        kept(cell, stray)


def test_nobody_consents_to_rows_of_others(three):
    lab, cell, _ = three
    request = signed_notices.write(
        cell, signed_notices.ASKED, "lab", NOW, rows=["ab"], recipient="police", why="x"
    )
    with pytest.raises(Refusal, check=because("exchange.consent-for-strange-rows", count=1, row="ab")):
        given(lab, request)
    assert not lab.acts_of("consented")


def test_nobody_consents_to_what_another_sent_them(three, tmp_path):
    """The laboratory lets it go to the police; only it can let the police pass it on."""
    lab, cell, police = three
    service = floor(tmp_path, "service")
    trusting(cell, police, service)
    until = NOW.date() + timedelta(days=9)
    kept(cell, given(lab, asked(cell, police, lab)))
    receive(police, send(cell, police).data)
    fold(police)
    request = asked(police, service, cell)
    with pytest.raises(Refusal, check=because("exchange.consent-for-anothers", count=3, to="service")):
        given(cell, request)
    assert not cell.acts_of("consented")
    kept(cell, given(lab, asked(cell, service, lab), until))
    kept(police, given(cell, request))
    assert cell.acts_of("consented")[0].detail["until"] == until.isoformat()  # no longer than its own
    assert send(police, service).manifest.rows == 3


def test_a_consent_by_somebody_else_does_not_do(three):
    lab, cell, police = three
    request = asked(cell, police, lab)
    slip = signed_notices.read(lab, request.encode(), "r")
    forged = signed_notices.write(
        police,
        signed_notices.CONSENT,
        "cell",
        NOW,
        rows=slip.body["rows"],
        recipient="police",
        request=slip.digest,
        until=None,
    )
    assert kept(cell, forged).owner == "police"
    with pytest.raises(AllWithheld, check=lacks("lab", "police")):
        send(cell, police)
    assert date.fromisoformat("2026-11-24") == NOW.date()
