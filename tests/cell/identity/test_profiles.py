from tests.cell.identity.test_likeness import parties

from watchfloor.cell.identity.profiles import BIRTH, NAME, holders, may_be_one, profiles
from watchfloor.core.protected import IDENTITY_ONLY, PROTECTED


def test_a_profile_says_what_was_said_last_and_by_which_record():
    table = parties(
        ("person:a:1", "Ada Quil", "1971", ("phone", "613 555 0114")),
        ("person:a:1", "QUILL, Ada", None, ("passport", "AB 123")),
        ("person:a:1", " ", "no date"),
    )
    (one,) = profiles(table)
    first, second = (i.to_bytes(16, "big") for i in range(2))
    assert (one.name, one.words, one.birth_date) == ("QUILL, Ada", ("ada", "quill"), "1971")
    assert one.numbers == ("person:passport:AB123", "phone:phone:16135550114")
    assert one.said == {
        NAME: second,
        BIRTH: first,
        "phone:phone:16135550114": first,
        "person:passport:AB123": second,
    }


def test_what_has_no_name_is_left_out():
    assert profiles(parties(("person:a:1", " ", "1971"))) == []


def test_who_gave_a_number():
    shared = ("phone", "613 555 0114")
    people = profiles(parties(("person:a:1", "Ada", None, shared), ("person:a:2", "Oona", None, shared)))
    assert holders(people) == {"phone:phone:16135550114": ["person:a:1", "person:a:2"]}


def test_a_company_may_be_a_person_only_where_nobody_says_what_it_is():
    one, other = profiles(parties(("company:a:1", "Ada", None), ("person:a:1", "Ada", None), schema=None))
    assert may_be_one(one, other)
    assert not may_be_one(one, one)
    (firm,) = profiles(parties(("company:a:1", "Ada", None), schema="Company"))
    (person,) = profiles(parties(("person:a:1", "Ada", None)))
    assert not may_be_one(firm, person)


def test_no_protected_column_is_read():
    from watchfloor.cell.identity.profiles import USED

    assert not set(USED) & (PROTECTED | IDENTITY_ONLY)
