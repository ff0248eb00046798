"""Spellings of one name, and what a name says of a form."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchfloor.reference.substances.names import Read, fold, read

SPELLINGS = {
    "β-Hydroxyfentanyl": (
        "ß–Hydroxyfentanyl",
        "beta hydroxyfentanyl",
        "BETA-HYDROXYFENTANYL",
        "ß-hydroxy­fentanyl",
    ),
    "N,N-Dimethyltryptamine": ("N,N–diméthyltryptamine", "n n dimethyltryptamine"),
    "sulphuric acid": ("Sulfuric acid", "SULPHURIC  ACID"),
    "methamphetamine": ("metamfetamine", "metamphetamine"),
    "4′-methyl": ("4'-methyl", "4’-methyl"),
    "4-哌啶酮": ("４－哌啶酮",),
}


@pytest.mark.parametrize(("name", "other"), [(n, o) for n, several in SPELLINGS.items() for o in several])
def test_spellings_have_one_key(name, other):
    assert fold(name) == fold(other)


@pytest.mark.parametrize(("code", "other"), [("THC", "TC"), ("α-PHP", "α-FP"), ("5F-PHP", "5F-FP")])
def test_a_code_keeps_its_letters(code, other):
    assert fold(code) != fold(other)


@given(st.text(max_size=40))
def test_a_key_is_its_own_key(text):
    assert fold(fold(text)) == fold(text)


@given(st.text(max_size=60))
def test_any_text_is_taken_apart(text):
    found = read(text)
    assert isinstance(found, Read)
    assert len(found.bare) <= 3 * len(text)


FORMS = {
    "3-Methylfentanyl hydrochloride": Read("3-methylfentanyl", salt="hydrochloride"),
    "fentanyl-d5": Read("fentanyl", label="d5"),
    "Fentanyl (D5)": Read("fentanyl", label="d5"),
    "(S)-methamphetamine": Read("methamphetamine", stereo="(s)"),
    "(S)-methamphetamine HCl": Read("methamphetamine", salt="hcl", stereo="(s)"),
    "cis-3-methylfentanyl": Read("3-methylfentanyl", stereo="cis"),
    "chlorhydrate de fentanyl": Read("fentanyl", salt="chlorhydrate"),
    "d,l-amphetamine sulphate": Read("amphetamine", salt="sulfate", stereo="d,l", sign="±"),
    "codeine phosphate hemihydrate": Read("codeine", salt="phosphate hemihydrate"),
    "morphine sulphate pentahydrate": Read("morphine", salt="sulfate pentahydrate"),
    "oxycodone terephthalate": Read("oxycodone", salt="terephthalate"),
    "(+)-cathinone": Read("cathinone", stereo="(+)", sign="+"),
    "1,4-butanediol": Read("1,4-butanediol"),
    "lidocaine": Read("lidocaine"),
}


@pytest.mark.parametrize(("name", "expected"), FORMS.items())
def test_what_a_name_says_of_a_form(name, expected):
    assert read(name) == expected
