"""What a partner may send by mistake or by malice is refused by name, and nothing of it is kept."""

import os
from concurrent.futures import ThreadPoolExecutor

import msgspec
import pytest
from tests.exchange.nodes import WHO, floor, trust, trusting
from tests.exchange.partnership.banks import (
    CASE,
    CODE,
    MINE,
    NOW,
    THEIRS,
    accounts,
    ask,
    banks,
    later,
    messages,
    offer,
    peer,
    stated,
    take,
    whole,
)
from tests.refusals import refused

from watchfloor.cell.acts import Refusal
from watchfloor.exchange.bundles import peers
from watchfloor.exchange.partnership import asking, codes, keys, psi, receiving, sessions, wire
from watchfloor.exchange.partnership.group import Scalar
from watchfloor.exchange.partnership.vault import Vault
from watchfloor.exchange.partnership.wire import MAGIC, Claims, FieldsBody, Head
from watchfloor.store import Floor
from watchfloor.store.log import digest_of
from watchfloor.store.log.notes import Signer, note, split


@pytest.fixture
def pair(tmp_path):
    a, b = banks(tmp_path)
    offer(b, a)
    offer(b, a, tier="match", fields={one: {"pass_through": 95} for one in THEIRS})
    return a, b


def head_of(data):
    length = int.from_bytes(data[4:8], "big")
    return msgspec.json.decode(split(data[8 : 8 + length].decode())[0], type=Head)


def forged(floor_, data, body=None, **changes):
    """A message signed anew by its sender, as a partner's own program may make it, with something changed."""
    said = msgspec.structs.asdict(head_of(data)) | changes
    content = data[8 + int.from_bytes(data[4:8], "big") :] if body is None else body
    if body is not None and "body" not in changes:
        said["body"] = digest_of(body)
    return wire.pack(floor_, Head(**said), content)


def upto(a, b, count, **options):
    """The first messages of a session, of which the last was not taken yet."""
    sent = [ask(a, b, **options)]
    while len(sent) < count:
        sent.append(take((b, a)[(len(sent) - 1) % 2], sent[-1].data).reply)
    return sent


# --- forged, replayed, cut, oversized, out of order


def test_a_message_that_nobody_known_has_signed_is_refused(pair, tmp_path):
    a, b = pair
    stranger = floor(tmp_path, "bank-x", institution="reporting-entity")
    (opened,) = upto(a, b, 1)
    said = refused("partnership.forged", take, b, forged(stranger, opened.data))
    assert "bank-x" in said["problem"]


def test_a_message_that_was_changed_after_it_was_signed_is_refused(pair):
    a, b = pair
    (opened,) = upto(a, b, 1)
    refused("partnership.forged", take, b, opened.data.replace(b'"size":20', b'"size":21'))
    assert not sessions.sessions(b)


def test_a_peer_cannot_speak_for_another(pair, tmp_path):
    a, b = pair
    c = floor(tmp_path, "bank-c", institution="reporting-entity")
    trust(b, c)
    (opened,) = upto(a, b, 1)
    said = refused("partnership.damaged", take, b, forged(c, opened.data))["problem"]
    assert "bank-a" in said
    assert "bank-c" in said


def test_a_removed_peer_is_refused(pair):
    a, b = pair
    (opened,) = upto(a, b, 1)
    peers.distrust(b, WHO, "bank-a", "its key was copied")
    refused("exchange.removed-peer", take, b, opened.data)


@pytest.mark.parametrize("number", range(6))
def test_each_message_is_taken_once(pair, number):
    a, b = pair
    sent = messages(a, b, ask(a, b, tier="match"))
    side = (b, a)[number % 2]
    before = side.position
    refused("partnership.replayed", take, side, sent[number].data)
    assert side.position == before


@pytest.mark.parametrize("number", range(2, 6))
def test_a_message_of_another_session_does_not_fit_this_one(pair, number):
    """Signed by the right partner, of the right kind, but chained to what was said elsewhere."""
    a, b = pair
    old = messages(a, b, ask(a, b, tier="match"))
    new = upto(a, b, number, tier="match")
    sender, receiver = ((a, b), (b, a))[number % 2]
    data = forged(sender, old[number].data, session=new[0].session)
    refused("partnership.out-of-order", take, receiver, data)


def test_a_message_before_its_turn_is_refused(pair):
    a, b = pair
    sent = messages(a, b, ask(a, b, tier="match"))
    opened = ask(a, b, tier="match")
    take(b, opened.data)
    data = forged(a, sent[4].data, session=opened.session)
    assert refused("partnership.out-of-order", take, b, data)["what"] == "claim"


def test_the_asker_cannot_be_answered_by_his_own_kind_of_message(pair):
    a, b = pair
    sent = upto(a, b, 2)
    refused("partnership.out-of-order", take, a, forged(b, sent[1].data, what="points"))


def test_a_session_that_this_node_does_not_have_is_refused(pair):
    a, b = pair
    sent = messages(a, b, ask(a, b))
    refused("partnership.unknown-session", take, b, forged(a, sent[2].data, session="0" * 32))


@pytest.mark.parametrize("part", [3, 7, 8, 60, -200, -1])
def test_a_message_that_was_cut_is_refused(pair, part):
    a, b = pair
    sent = upto(a, b, 3)
    before = b.position
    with pytest.raises(Refusal) as error:
        take(b, sent[2].data[:part])
    assert error.value.reason.message in ("partnership.damaged", "partnership.forged")
    assert b.position == before


def test_an_oversized_message_is_refused_before_it_is_read(pair, monkeypatch):
    a, b = pair
    monkeypatch.setitem(wire.BODY_BYTES, "points", 32 * 10)
    refused("partnership.message-oversized", take, b, upto(a, b, 3)[2].data)
    refused("partnership.message-oversized", take, b, MAGIC + (1 << 20).to_bytes(4, "big") + b"x")
    for what in wire.BODY_BYTES:
        monkeypatch.setitem(wire.BODY_BYTES, what, 0)
    refused("partnership.message-oversized", take, b, b"x" * (9 + wire.NOTE_BYTES))


def test_a_set_of_another_size_than_was_committed_to_is_refused(pair):
    a, b = pair
    sent = upto(a, b, 3)
    points = sent[2].data[-32 * len(MINE) :]
    refused("partnership.size-changed", take, b, forged(a, sent[2].data, points + points[:32], size=21))
    refused("partnership.size-changed", take, b, forged(a, sent[2].data, points[:-32]))
    refused("partnership.point-twice", take, b, forged(a, sent[2].data, points[32:64] + points[32:]))
    assert take(b, sent[2].data).reply.what == "answer"  # the session was not harmed


@pytest.mark.parametrize("bad", [bytes(32), b"\xff" * 32, b"\x02" + bytes(31), b"\x01" + bytes(31)])
def test_what_is_no_point_is_refused_by_either_side(pair, bad):
    a, b = pair
    sent = upto(a, b, 3)
    refused("partnership.bad-point", take, b, forged(a, sent[2].data, sent[2].data[-640:-32] + bad))
    answer = take(b, sent[2].data).reply
    refused("partnership.bad-point", take, a, forged(b, answer.data, answer.data[-640:-32] + bad))


def test_a_message_for_another_node_is_refused(pair):
    a, b = pair
    (opened,) = upto(a, b, 1)
    refused("partnership.for-another", take, b, forged(a, opened.data, to="bank-c"))


def test_a_message_of_the_future_is_refused(pair):
    a, b = pair
    (opened,) = upto(a, b, 1)
    refused("partnership.future", take, b, forged(a, opened.data, at=later(days=2).isoformat()))


@pytest.mark.parametrize(
    "changes",
    [
        {"session": "../../etc/passwd" + "0" * 16},
        {"at": "2026-11-24T12:00:00"},
        {"at": "soon"},
        {"size": -1},
        {"epoch": 1 << 40},
        {"public": "00"},
        {"code": "x"},
        {"case": "C-17"},
        {"tier": "match"},
    ],
)
def test_a_head_with_impossible_parts_is_refused(pair, changes):
    a, b = pair
    (opened,) = upto(a, b, 1)
    refused("partnership.damaged", take, b, forged(a, opened.data, **changes))


def test_a_note_in_another_spelling_is_refused(pair):
    a, b = pair
    (opened,) = upto(a, b, 1)
    length = int.from_bytes(opened.data[4:8], "big")
    body = split(opened.data[8 : 8 + length].decode())[0]
    text = note(body.replace('{"', '{ "', 1), a.signer).encode()
    refused("partnership.damaged", take, b, MAGIC + len(text).to_bytes(4, "big") + text)


def test_a_key_of_small_order_is_refused(pair):
    a, b = pair
    (opened,) = upto(a, b, 1)
    refused("partnership.bad-point", take, b, forged(a, opened.data, public="00" * 32))


def test_other_terms_than_a_session_began_with_are_refused(pair):
    a, b = pair
    sent = upto(a, b, 3)
    for term, value in (("epoch", 1), ("purpose", "smuggling"), ("code", "0" * 64)):
        said = refused("partnership.other-terms", take, b, forged(a, sent[2].data, **{term: value}))
        assert said["term"] == term


# --- the table


def test_a_table_that_is_not_what_was_signed_is_refused(pair):
    a, b = pair
    sent = upto(a, b, 2)
    table = sent[1].data[-8 * len(THEIRS) :]
    backwards = b"".join(table[at : at + 8] for at in range(0, len(table), 8)[::-1])
    cases = (
        {"table": "0" * 64},
        {"rows": 29},
        {"rows": 31},
        {"body": backwards, "table": digest_of(backwards)},
        {"body": table[:-8], "table": digest_of(table[:-8])},
    )
    for changes in cases:
        body = changes.pop("body", None)
        refused("partnership.other-table", take, a, forged(b, sent[1].data, body, **changes))
    assert take(a, sent[1].data).reply.what == "points"


def test_a_set_below_the_floor_or_above_the_cap_is_refused_by_the_asker_too(pair):
    a, b = pair
    sent = upto(a, b, 2)
    refused("partnership.too-few", take, a, forged(b, sent[1].data, rows=4))
    refused("partnership.oversized", take, a, forged(b, sent[1].data, rows=2_000_001))


# --- claims and fields


def claim_of(data, **changes):
    claims = msgspec.json.decode(data[8 + int.from_bytes(data[4:8], "big") :], type=Claims)
    return msgspec.json.encode(msgspec.structs.replace(claims, **changes)), claims


def test_a_row_of_the_table_cannot_be_claimed_without_the_subject(pair):
    """The table has 64 bits of each masked subject; a claim wants all of it."""
    a, b = pair
    sent = upto(a, b, 5, tier="match")
    table = sent[1].data[-8 * len(THEIRS) :]
    points = tuple((table[at : at + 8] + os.urandom(23) + b"\x00").hex() for at in range(0, 240, 8))[:20]
    body, _ = claim_of(sent[4].data, points=points, fields=({},) * 20)
    said = refused("partnership.unproved-claim", take, b, forged(a, sent[4].data, body))
    assert said["count"] == 20
    assert sessions.pick(b, sent[0].session, NOW.date()).state == "ended"
    refused("partnership.replayed", take, b, forged(a, sent[4].data, body))
    refused("partnership.session-expired", take, b, sent[4].data)
    assert not [
        act for act in b.acts_of("disclosed") if "that the partner asked about" in act.detail["description"]
    ]


def test_what_is_no_list_of_claims_is_refused(pair):
    a, b = pair
    sent = upto(a, b, 5, tier="match")
    _, claims = claim_of(sent[4].data)
    for body in (
        b"",
        b"[]",
        b'{"points":["zz"],"fields":[{}]}',
        claim_of(sent[4].data, fields=())[0],
        claim_of(sent[4].data, points=claims.points[:1] * len(claims.points))[0],
        claim_of(sent[4].data, points=("00",) * 10)[0],
    ):
        refused("partnership.damaged", take, b, forged(a, sent[4].data, body))
    assert take(b, sent[4].data).reply.what == "fields"


def test_fields_that_the_code_does_not_name_are_refused_by_who_sends_and_who_receives(pair):
    a, b = pair
    sent = upto(a, b, 5, tier="match")
    for fields, name in (
        ({"name": "Zarbek"}, "partnership.field-not-named"),
        ({"pass_through": 96}, "partnership.bad-value"),
        ({"band": "reported to FINTRAC"}, "partnership.tells-of-report"),
        ({"str_filed": 1}, "partnership.tells-of-report"),
    ):
        refused(name, ask, a, b, tier="match", fields={MINE[0]: fields})
        refused(name, offer, b, a, tier="match", fields={THEIRS[0]: fields})
        body, claims = claim_of(sent[4].data)
        body, _ = claim_of(sent[4].data, fields=(fields, *claims.fields[1:]))
        refused(name, take, b, forged(a, sent[4].data, body))
    told = take(b, sent[4].data).reply
    tokens = msgspec.json.decode(
        told.data[8 + int.from_bytes(told.data[4:8], "big") :], type=FieldsBody
    ).tokens
    for values, name in (
        ({"name": "Zarbek"}, "partnership.field-not-named"),
        ({"dod": 1}, "partnership.tells-of-report"),
    ):
        body = msgspec.json.encode(FieldsBody(dict.fromkeys(tokens, values)))
        refused(name, take, a, forged(b, told.data, body))
    body = msgspec.json.encode(FieldsBody({"0" * 32: {}}))
    refused("partnership.other-tokens", take, a, forged(b, told.data, body))


# --- the code of practice


APPROVAL = '[approval]\nby = "Privacy Commissioner of Canada"\non = 2026-09-01\nreference = "a test"\n'


def text(*changes):
    made = CODE
    for before, after in changes:
        assert before in made
        made = made.replace(before, after)
    return made


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ([("expires = 2031-08-31", "expires = 2026-11-23")], "partnership.code-expired"),
        ([("since = 2026-09-01", "since = 2026-11-25")], "partnership.not-yet"),
        (
            [
                (
                    APPROVAL,
                    "",
                )
            ],
            "partnership.unapproved",
        ),
        ([("on = 2026-09-01", "on = 2026-11-25")], "partnership.unapproved"),
        ([('"money-laundering"', '"smuggling"')], "partnership.other-purpose"),
        ([('["cardinality", "match"]', '["match"]')], "partnership.other-tier"),
        ([('{name = "bank-b"}', '{name = "bank-d"}')], "partnership.no-participant"),
    ],
)
def test_a_code_that_does_not_allow_it_stops_the_asker_and_the_answerer(tmp_path, changes, name):
    a, b = banks(tmp_path)
    offer(b, a)
    opened = ask(a, b)
    codes.adopt(a, WHO, text(*changes), "code.toml")
    refused(name, ask, a, b)
    made = text(*changes)
    if "bank-b" in made:
        codes.adopt(b, WHO, made, "code.toml")
        data = forged(a, opened.data, code=codes.standing(b).digest)
        refused(name, take, b, data)
        refused(name, offer, b, a)


def test_a_key_that_was_named_before_its_node_was_known_stops_the_asker(tmp_path):
    a, b = (floor(tmp_path, name, institution="reporting-entity") for name in ("bank-a", "bank-b"))
    made = text(('{name = "bank-b"}', '{name = "bank-b", key = "00000000"}'))
    codes.adopt(a, WHO, made, "code.toml")
    trusting(a, b)
    refused("partnership.other-key", ask, a, b)
    refused("partnership.other-key", codes.adopt, a, WHO, made, "code.toml")


def test_a_code_that_expired_in_the_middle_stops_the_session(tmp_path):
    a, b = banks(tmp_path, code=text(("expires = 2031-08-31", "expires = 2026-11-24")))
    offer(b, a, tier="match")
    sent = upto(a, b, 3, tier="match")
    refused("partnership.code-expired", take, b, sent[2].data, later(days=1))


def test_a_code_that_was_withdrawn_stops_the_session(pair):
    a, b = pair
    sent = upto(a, b, 3)
    codes.withdraw(b, WHO, "partners", "the approval was suspended")
    assert refused("partnership.code-withdrawn", take, b, sent[2].data)["why"] == "the approval was suspended"
    refused("partnership.code-withdrawn", offer, b, a)


def test_two_nodes_with_two_codes_do_not_exchange(pair):
    a, b = pair
    codes.adopt(a, WHO, text(('"1.0"', '"1.1"')), "code.toml")
    (opened,) = upto(a, b, 1)
    refused("partnership.other-code", take, b, opened.data)


def test_another_purpose_than_the_codes_is_refused(pair):
    a, b = pair
    refused("partnership.other-purpose", ask, a, b, purpose="smuggling")
    (opened,) = upto(a, b, 1)
    refused("partnership.other-purpose", take, b, forged(a, opened.data, purpose="smuggling"))


def test_an_institution_that_is_no_reporting_entity_is_no_participant(tmp_path):
    a, _ = banks(tmp_path)
    cell = floor(tmp_path, "bank-c")
    trust(a, cell)
    refused("partnership.no-participant", offer, a, cell)


def test_a_gateway_that_has_ended_stops_it(pair):
    a, b = pair
    (b.root / "gateways.toml").write_text(
        "[gateway.partnership-cardinality]\nexpires = 2026-11-01\n", "utf-8"
    )
    (opened,) = upto(a, b, 1)
    refused("gateway.ended", take, b, opened.data)
    (a.root / "gateways.toml").write_text(
        "[gateway.partnership-cardinality]\nexpires = 2026-11-01\n", "utf-8"
    )
    refused("gateway.ended", ask, a, b)


def test_what_nobody_has_offered_is_not_answered(tmp_path):
    a, b = banks(tmp_path)
    (opened,) = upto(a, b, 1)
    refused("partnership.nothing-offered", take, b, opened.data)


def test_another_epoch_is_refused(pair):
    a, b = pair
    (opened,) = upto(a, b, 1)
    refused("partnership.other-epoch", take, b, forged(a, opened.data, epoch=1))


def test_matching_names_a_case_and_counting_none(pair):
    a, b = pair
    for call, here, there in ((ask, a, b), (offer, b, a)):
        refused("partnership.no-case", call, here, there, tier="match", case=" ")
        refused("partnership.no-case", call, here, there, case="C-17")


# --- caps


def test_the_queries_of_a_day_are_capped_by_the_asker(pair):
    a, b = pair
    for _ in range(5):
        ask(a, b, accounts(0, 5), now=NOW) if _ < 3 else ask(a, b, accounts(10 * _, 10 * _ + 5))
    refused("partnership.queries-per-day", ask, a, b, accounts(90, 95))
    assert ask(a, b, accounts(90, 95), now=later(days=1)).data


def reopened(a, data, n, **changes):
    return forged(a, data, session=f"{n:032x}", **changes)


def test_the_queries_of_a_day_are_capped_by_the_answerer_whatever_the_asker_counts(pair):
    a, b = pair
    (opened,) = upto(a, b, 1)
    for n in range(5):
        take(b, reopened(a, opened.data, n))
    assert refused("partnership.queries-per-day", take, b, reopened(a, opened.data, 5))["count"] == 5
    assert len(sessions.sessions(b)) == 5


def test_the_subjects_of_a_query_and_of_a_day_are_capped(pair):
    a, b = pair
    (opened,) = upto(a, b, 1)
    refused("partnership.oversized", ask, a, b, accounts(0, 51))
    refused("partnership.oversized", take, b, reopened(a, opened.data, 1, size=51))
    refused("partnership.too-few", ask, a, b, accounts(0, 4))
    refused("partnership.too-few", take, b, reopened(a, opened.data, 1, size=4))
    for n in range(2):
        take(b, reopened(a, opened.data, n, size=50))
    refused("partnership.subjects-per-day", take, b, reopened(a, opened.data, 2, size=21))
    for n in range(2):
        ask(a, b, accounts(50 * n, 50 * n + 50))
    refused("partnership.subjects-per-day", ask, a, b, accounts(100, 121))


def test_the_same_subject_however_often_is_asked_three_times(pair):
    """Among others each time: by the asker's own tally, and by the answerer's, who does not see whom."""
    a, b = pair
    done = 0
    for n in range(60):
        others = accounts(1000 + 10 * n, 1010 + 10 * n)
        now, subjects = later(days=n % 6), [*others, "account:test:10"]
        if done == 3:
            said = refused("partnership.same-subject", ask, a, b, subjects, now=now)
            assert said == {"count": 1, "most": 3}
        else:
            whole(a, b, ask(a, b, subjects, now=now), now)
            done += 1
    assert done == 3
    Vault(a).root.joinpath("tallies").rename(a.root / "gone")  # an asker that forgets
    sent = upto(a, b, 3, subjects=[*accounts(5000, 5010), "account:test:10"])
    refused("partnership.same-subject", take, b, sent[2].data)


def test_a_subject_in_disguise_is_counted_when_it_is_claimed(pair):
    """An asker that masks anew each time evades the tally of points, and not that of claims."""
    a, b = pair
    for n in range(4):
        case = f"C-{n}"
        offer(b, a, tier="match", case=case)
        subjects = ["account:test:10", *accounts(1000 + 10 * n, 1010 + 10 * n)]
        now = later(days=n // 2)
        sent = upto(a, b, 1, subjects=subjects, tier="match", case=case, now=now) if n < 3 else None
        if sent is None:
            Vault(a).root.joinpath("tallies").rename(a.root / "gone")
            sent = [ask(a, b, subjects, tier="match", case=case, now=now)]
        reply = sent[0]
        for step in range(3):
            reply = take((b, a)[step % 2], reply.data, now).reply
        claim = take(a, reply.data, now).reply
        if n < 3:
            take(b, claim.data, now)
        else:
            refused("partnership.same-subject", take, b, claim.data, now)


def test_an_answerer_offers_no_set_below_the_floor_or_above_its_cap(tmp_path):
    a, b = banks(tmp_path, code=text(("least_set = 5", "least_set = 5\nlargest_set = 29")))
    refused("partnership.too-few", offer, b, a, accounts(0, 4))
    refused("partnership.oversized", offer, b, a, THEIRS)


# --- what stays


def test_a_refusal_is_an_act_with_its_digest_and_reason(pair):
    a, b = pair
    (opened,) = upto(a, b, 1)
    with pytest.raises(Refusal) as error:
        take(b, opened.data[:-1])
    receiving.log_refusal(b, WHO, "x.wfp", opened.data[:-1], error.value.reason)
    (act,) = b.acts_of("partnership-refused")
    assert act.detail["digest"] == digest_of(opened.data[:-1])
    assert act.detail["message"] == error.value.reason.message


def test_a_partner_that_sends_made_up_points_learns_what_any_points_would(pair):
    """Semi-honest no more: points of no identifier are answered, and found nowhere; they spend the caps."""
    a, b = pair
    sent = upto(a, b, 3)
    lone = Scalar.derive(os.urandom(32), b"x")
    made = b"".join(psi.masked(os.urandom(32), lone, [b"%d" % n for n in range(len(MINE))]))
    answer = take(b, forged(a, sent[2].data, made)).reply
    taken = take(a, forged(b, answer.data, prev=sessions.pick(a, sent[0].session, NOW.date()).sent))
    assert taken.session.found == 0


def test_two_banks_that_lead_one_case_are_told(tmp_path):
    a, b, c = banks(tmp_path, "bank-a", "bank-b", "bank-c")
    offer(b, a, tier="match")
    offer(c, b, tier="match")
    offer(c, a, tier="match")
    whole(a, b, ask(a, b, tier="match"))
    keys.begin_case(Vault(c), CASE, codes.standing(c).epoch(NOW.date()))
    opened = ask(a, c, tier="match")
    accept = take(c, opened.data).reply
    said = refused("partnership.other-case-key", take, a, accept.data)
    assert (said["partner"], said["case"]) == ("bank-c", "C-17")


def test_a_wrong_key_of_the_same_name_is_refused(pair):
    a, b = pair
    (opened,) = upto(a, b, 1)
    length = int.from_bytes(opened.data[4:8], "big")
    body = split(opened.data[8 : 8 + length].decode())[0]
    made = note(body, Signer("bank-a", bytes(32))).encode()
    refused("partnership.forged", take, b, MAGIC + len(made).to_bytes(4, "big") + made)


def test_a_floor_that_was_restored_without_its_sealed_files_says_so(pair):
    a, b = pair
    sent = upto(a, b, 2, tier="match")
    Vault(a).root.rename(a.root / "gone")
    refused("partnership.sealed-gone", take, a, sent[1].data)
    Vault(b).root.rename(b.root / "gone")
    refused("partnership.nothing-offered", take, b, ask(a, b, tier="match").data)


def test_a_case_whose_name_tells_of_a_report_is_refused(pair):
    a, b = pair
    refused("partnership.tells-of-report", ask, a, b, tier="match", case="STR 17")
    refused("partnership.tells-of-report", offer, b, a, tier="match", case="STR 17")
    (opened,) = upto(a, b, 1, tier="match")
    refused("partnership.tells-of-report", take, b, forged(a, opened.data, case="STR 17"))


def test_many_at_once_do_not_pass_a_cap(pair):
    """A step is one turn of the floor's writer."""
    a, b = pair
    code = codes.standing(a)

    def one(n):
        here = Floor.open(a.root)
        with here.writer(WHO, 30) as writer:
            given = accounts(10 * n, 10 * n + 6), {}, stated("cardinality", code), NOW
            try:
                return asking.ask(here, writer, peer(here, b), code, "cardinality", "", *given)
            except Refusal as error:
                return error.reason.message

    with ThreadPoolExecutor(8) as pool:
        done = list(pool.map(one, range(8)))
    assert done.count("partnership.queries-per-day") == 3
    assert len(sessions.sessions(a)) == 5
