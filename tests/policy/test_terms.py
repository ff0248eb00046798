"""A policy file says what markings mean and who reads; what is wrong in it is named with its line."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchfloor.core.marking import Marking, parse
from watchfloor.formats.settings import SettingsError
from watchfloor.policy import terms
from watchfloor.policy.policy import Reader, allowed

POLICY = """
[compartments.GAMMA]
en = "joint operation GAMMA"
fr = "opération conjointe GAMMA"

[caveats.NO-COPY]
en = "Do not copy."
fr = "Ne pas copier."

[owners.bank-a]
en = "Bank A"
fr = "Banque A"

[purposes.fraud]
en = "fraud"
fr = "fraude"

[coalitions.FVEY]
en = "Five Eyes"
fr = "Groupe des cinq"
countries = ["AUS", "CAN", "GBR", "NZL", "USA"]

[readers.okafor]
protected = "PB"
classified = "S"
compartments = ["GAMMA"]
organisation = "bank-a"

[readers.roy]
country = "USA"
role = "reviewer"
"""


def test_a_reader_is_as_the_file_has_it_and_else_of_the_node():
    read = terms.read(POLICY, "policy.toml")
    okafor = read.reader(Reader("okafor", "CAN", "cell", purpose="fraud"))
    assert (okafor.protected, okafor.classified, okafor.tlp) == (2, 2, 4)
    assert (okafor.organisation, okafor.country, okafor.purpose) == ("bank-a", "CAN", "fraud")
    assert okafor.compartments == {"GAMMA"}
    roy = read.reader(Reader("roy", "CAN", "cell"))
    assert (roy.protected, roy.organisation, roy.country) == (0, "cell", "USA")
    assert read.readers["roy"].role in terms.READS_ONLY


def test_what_a_caveat_says_is_told_in_both_languages():
    read = terms.read(POLICY, "policy.toml")
    marking = parse("PB//TLP:RED//CAVEAT:NO-COPY,UNKNOWN")
    assert read.caveat_texts(marking, "en") == ["Do not copy."]
    assert read.caveat_texts(marking, "fr") == ["Ne pas copier."]


@pytest.mark.parametrize(
    ("marking", "says"),
    [
        (
            "PB//TLP:RED//COMP:GAMA",
            "compartment 'GAMA', which the node's policy does not define; did you mean 'GAMMA'?",
        ),
        ("U//TLP:GREEN//CAVEAT:NOCOPY", "caveat 'NOCOPY'"),
        ("U//TLP:GREEN//ORCON:bank-b", "owner 'bank-b'"),
        ("U//TLP:GREEN//PURPOSE:health", "purpose 'health'"),
        ("U//TLP:GREEN//REL:CAN,XYZ", "may go to 'XYZ', which is no country"),
        ("U//TLP:GREEN//REL:NATO", "no coalition of the node's policy"),
    ],
)
def test_a_word_that_nobody_defined_is_named(marking, says):
    assert says in terms.read(POLICY, "p").undefined(parse(marking)).render()


def test_a_marking_of_defined_words_and_one_without_words_is_taken():
    read = terms.read(POLICY, "p")
    assert (
        read.undefined(parse("PB//TLP:RED//COMP:GAMMA//ORCON:bank-a//PURPOSE:fraud//CAVEAT:NO-COPY")) is None
    )
    assert read.undefined(Marking()) is None
    assert read.undefined(parse("U//TLP:RED//REL:FVEY,FRA")) is None
    assert read.undefined(parse("U//TLP:RED//REL:")) is None
    assert "did you mean" not in terms.Terms().undefined(parse("U//TLP:RED//COMP:A")).render()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (
            '[readers.okafor]\nprotectd = "PB"\n',
            "policy.toml, line 2: readers.okafor.protectd: there is no such setting; did you mean 'protec",
        ),
        (
            '[compartment.X]\nen = "x"\nfr = "x"\n',
            "compartment: there is no such setting; did you mean 'compartments'?",
        ),
        (
            '[readers.a]\nprotected = "PD"\n',
            "policy.toml, line 2: readers.a.protected: 'PD' is no level; there are PA, PB, PC",
        ),
        ('[readers.a]\nclassified = "SECRET"\n', "'SECRET' is no level; there are C, S, TS"),
        (
            '[readers.a]\nrole = "boss"\n',
            "Invalid enum value 'boss'; there are analyst, counsel, reviewer, supervisor",
        ),
        (
            '[readers.a]\nrole = "reviewr"\n',
            "line 2: readers.a.role: Invalid enum value 'reviewr'; did you mean 'reviewer'?",
        ),
        (
            '[coalitions.X]\nen = "x"\nfr = "x"\ncountries = ["RUR"]\n',
            "line 4: coalitions.X.countries: 'RUR' is no country",
        ),
        ('[readers.a]\ncompartments = ["X"]\n', "'X' is no compartment of this policy; it defines none"),
        (
            '[compartments]\nGAMMA = { en = "g", fr = "g" }\n[readers.a]\ncompartments = ["GAMA"]\n',
            "line 4: readers.a.compartments: 'GAMA' is no compartment of this policy; did you mean 'GAMMA'?",
        ),
        ('[readers.a]\ncountry = "Canada"\n', "'Canada' is no country; write three letters such as CAN"),
        ('[caveats.NO-COPY]\nen = "x"\n', "missing required field `fr`"),
        ('[owners."a,b"]\nen = "x"\nfr = "x"\n', "no word of a marking has a comma"),
        ("[readers\n", "policy.toml: "),
    ],
)
def test_what_is_wrong_is_named_with_its_line(text, says):
    with pytest.raises(SettingsError) as caught:
        terms.read(text, "policy.toml")
    assert says in str(caught.value)


@given(st.text(max_size=60))
def test_no_text_breaks_the_reader_otherwise(text):
    with suppress(SettingsError):
        assert isinstance(terms.read(text, "p"), terms.Terms)


def test_the_template_is_a_policy_and_names_every_table():
    text = terms.template()
    terms.read(text, "template")
    assert all(table in text for table in terms.Terms.__struct_fields__)
    assert terms.read(
        text.replace("# [", "[").replace("# en", "en").replace("# fr", "fr").replace("# co", "co"), "t"
    ).compartments


def test_without_a_policy_any_word_is_taken_and_no_impossible_country():
    assert terms.undefined(None, parse("PB//TLP:RED//COMP:ANY//REL:CAN,USA")) is None
    why = terms.undefined(None, parse("U//TLP:RED//REL:FVEY"))
    assert "'FVEY', which is no country" in why.render()
    assert "n’est pas un pays" in why.render("fr")


def test_what_a_coalition_may_see_is_seen_by_its_countries_alone():
    read = terms.read(POLICY.replace('"USA"]', '"NZL"]'), "p")
    marking = parse("U//TLP:GREEN//REL:FVEY")
    assert allowed(read.reader(Reader("okafor", "CAN")), marking)
    assert not allowed(read.reader(Reader("roy")), marking), "roy is of the USA, which this policy leaves out"
    assert not allowed(Reader("okafor", "CAN"), marking), "a node without the word has nobody in it"


@pytest.mark.parametrize(
    "text", ["", '[readers.a]\nrole = "reviewer"\n', '[caveats.X]\nen = "x"\nfr = "x"\n']
)
def test_a_policy_under_which_nobody_may_write_is_not_usable(text):
    with pytest.raises(SettingsError, match=r"p\.toml names no reader who may write"):
        terms.check_usable(terms.read(text, "p.toml"), "p.toml")


def test_who_sets_a_policy_is_in_it():
    read = terms.read(POLICY, "p.toml")
    terms.check_usable(read, "p.toml")
    terms.check_usable(read, "p.toml", "okafor")
    with pytest.raises(SettingsError, match=r"does not name you, 'okafr', .*did you mean 'okafor'"):
        terms.check_usable(read, "p.toml", "okafr")


def test_a_floor_without_a_policy_has_none(tmp_path):
    assert terms.load(tmp_path) is None
    (tmp_path / terms.NAME).write_text(POLICY, "utf-8")
    assert set(terms.load(tmp_path).readers) == {"okafor", "roy"}
    (tmp_path / terms.NAME).write_bytes(b"\xff\xfe")
    with pytest.raises(SettingsError, match="no UTF-8 text"):
        terms.load(tmp_path)


def test_policies_that_differ_are_told_apart_by_their_keys_in_every_table():
    reader = '[readers.{name}]\nprotected = "{level}"\n'
    both = reader.format(name="a", level="PA") + reader.format(name="b", level="PA")
    old = terms.read(f'{both}[accounts]\nx = "a"\ny = "a"\nz = "a"\n', "old")
    raised = both.replace('[readers.b]\nprotected = "PA"', '[readers.b]\nprotected = "PB"')
    new = terms.read(f'{raised}[accounts]\nx = "a"\ny = ["a", "b"]\nw = "a"\n', "new")
    assert terms.differences(old, new) == ["readers.b.protected", "accounts.w", "accounts.y", "accounts.z"]
    assert terms.differences(old, old) == []
