from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.exchange.nodes import WHO
from tests.exchange.partnership.banks import CODE, banks

from watchfloor.cell.acts import Refusal
from watchfloor.exchange.partnership import codes
from watchfloor.exchange.partnership.code import basis, read
from watchfloor.formats.settings import SettingsError

CODE_ = read(CODE)


def changed(*changes):
    made = CODE
    for before, after in changes:
        assert before in made, before
        made = made.replace(before, after)
    return made


@pytest.mark.parametrize(
    ("change", "key", "said"),
    [
        (("expires = 2031-08-31", "expires = 2031-09-02"), "expires", "every five years (s. 167)"),
        (("expires = 2031-08-31", "expires = 2026-08-31"), "expires", "never in force"),
        (('reference = "a test"', 'reference = " "'), "approval.reference", "is empty"),
        (('by = "Privacy Commissioner of Canada"', 'by = ""'), "approval.by", "is empty"),
        (('manner = "Masked identifiers, in sessions of files."', 'manner = " "'), "manner", "s. 160"),
        (('safeguards = "Results', 'safeguards = ""\nx = "Results'), "x", "no such setting"),
        (('["cardinality", "match"]', "[]"), "tiers", "is empty"),
        (('["cardinality", "match"]', '["cardinality", "all"]'), "tiers", "Invalid enum value"),
        (('"account:test"', '"account"'), "identifiers", "no type and system"),
        (('"account:test"', '"name:test"'), "identifiers", "no type and system"),
        (('{name = "bank-b"}', '{name = "bank-a"}'), "participants", "one twice"),
        (("same_subject = 3", "same_subject = 0"), "same_subject", "1 or more"),
        (("same_subject = 3\n", ""), "caps", "missing required field `same_subject`"),
        (("rotation_days = 30", "rotation_days = 0"), "rotation_days", "1 or more"),
        (("epsilon = 0.5", "epsilon = 0"), "counts.epsilon", "above 0"),
        (("epsilon = 0.5", "epsilon = nan"), "counts.epsilon", "above 0"),
        (
            ("epsilon_per_period = 1.0", "epsilon_per_period = 100"),
            "counts.epsilon_per_period",
            "hides nobody",
        ),
        (("contribution = 2", "contribution = 0"), "counts.contribution", "1 or more"),
        (('"CA-CN"', '"CAN-CHN"'), "counts.corridors", "pair of countries"),
        (("[fields.band]", "[fields.str_filed]"), "fields.str_filed", "suspicious transaction report"),
        (('["low", "high"]', '["low", "reported"]'), "fields.band", "suspicious transaction report"),
        (('["low", "high"]', "[]"), "fields.band", "a choice has values"),
        (("high = 100", "high = -1"), "fields.pass_through", "low and high"),
        (("most = 2", "most = 0"), "fields.links", "links have a most"),
        (('id = "partners"', 'id = "suspicious transaction"'), "id", "tells of a report"),
    ],
)
def test_what_is_wrong_with_a_code_is_named_by_line_and_key(change, key, said):
    with pytest.raises(SettingsError) as error:
        read(changed(change), "code.toml")
    assert str(error.value).startswith("code.toml")
    assert f"{key}:" in str(error.value)
    assert said in str(error.value)


@given(st.integers(0, 3000))
def test_every_day_lies_in_its_epoch(days):
    on = date.fromordinal(CODE_.file.since.toordinal() + days)
    epoch = CODE_.epoch(on)
    assert CODE_.epoch(CODE_.epoch_ends(epoch)) == epoch
    assert CODE_.epoch_ends(epoch - 1) < on <= CODE_.epoch_ends(epoch)


def test_a_disclosure_names_who_approved_the_code_when_and_how():
    assert basis(CODE_) == (
        "code of practice partners 1.0, approved by Privacy Commissioner of Canada on 2026-09-01, a test"
    )
    deemed = read(CODE.replace('reference = "a test"', 'reference = "a test"\nhow = "deemed"'))
    assert "deemed by Privacy Commissioner of Canada" in basis(deemed)


def test_a_code_is_its_text_and_its_text_is_in_the_log(tmp_path):
    a, b = banks(tmp_path)
    assert codes.standing(a).digest == codes.standing(b).digest == CODE_.digest
    (act,) = a.acts_of("code-adopted")
    assert act.detail["text"] == CODE
    assert act.detail["approved_by"] == "Privacy Commissioner of Canada"


def test_a_later_version_takes_the_place_of_an_earlier_one(tmp_path):
    (a,) = banks(tmp_path, "bank-a")
    codes.adopt(a, WHO, changed(('version = "1.0"', 'version = "1.1"')), "code.toml")
    assert codes.standing(a).name == "partners 1.1"
    assert list(codes.adopted(a)) == ["partners"]


def test_of_two_codes_one_is_named(tmp_path):
    (a,) = banks(tmp_path, "bank-a")
    codes.adopt(a, WHO, changed(('id = "partners"', 'id = "others"')), "code.toml")
    assert codes.standing(a, "others").file.id == "others"
    for named in (None, "third"):
        with pytest.raises(Refusal) as error:
            codes.standing(a, named)
        assert error.value.reason.message == "partnership.no-code"


def test_a_code_that_was_withdrawn_may_be_adopted_anew(tmp_path):
    (a,) = banks(tmp_path, "bank-a")
    codes.withdraw(a, WHO, "partners", "suspended")
    with pytest.raises(Refusal):
        codes.standing(a)
    codes.adopt(a, WHO, CODE, "code.toml")
    assert codes.standing(a) == CODE_


@pytest.mark.parametrize("key", ["1a2b3c4d", "1A2B3C4D", "bank-b", "1a2b3c4"])
def test_a_key_that_no_node_has_is_refused_when_a_code_is_adopted(tmp_path, key):
    a, _ = banks(tmp_path)
    made = changed(('{name = "bank-b"}', f'{{name = "bank-b", key = "{key}"}}'))
    with pytest.raises(Refusal) as error:
        codes.adopt(a, WHO, made, "code.toml")
    assert error.value.reason.message == "partnership.no-key"


def test_a_partner_s_key_is_compared_when_a_code_is_adopted(tmp_path):
    a, b = banks(tmp_path)
    right = b.signer.verifier.hash.hex()
    wrong = f"{int(right, 16) ^ 1:08x}"
    with pytest.raises(Refusal) as error:
        codes.adopt(a, WHO, changed(('{name = "bank-b"}', f'{{name = "bank-b", key = "{wrong}"}}')), "c.toml")
    assert error.value.reason.message == "partnership.other-key"
    made = changed(('{name = "bank-b"}', f'{{name = "bank-b", key = "{right}"}}'))
    assert codes.uncompared(a, codes.adopt(a, WHO, made, "c.toml")) == ["bank-c"]


def test_a_node_that_is_no_participant_adopts_no_code(tmp_path):
    with pytest.raises(Refusal) as error:
        banks(tmp_path, "bank-x")
    assert error.value.reason.message == "partnership.no-participant"
    with pytest.raises(Refusal) as error:
        banks(tmp_path, "bank-a", code="id = 1")
    assert error.value.reason.message == "partnership.bad-code"
