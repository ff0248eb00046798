"""Names in items of schedules, and what else the items cover."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchfloor.formats.lists.justice_substances import read, spelled

NAMES = """
Codeine (methylmorphine) = Codeine | methylmorphine
MT–45 (1-cyclohexyl-4-(1,2-x)piperazine), its = MT-45 | 1-cyclohexyl-4-(1,2-x)piperazine
1–[1–(2–Thienyl) cyclohexyl]piperidine (TCP) and any salt = 1-[1-(2-Thienyl) cyclohexyl]piperidine | TCP
Diphenidine (DEP) (1-(1,2-diphenylethyl)piperidine) = Diphenidine | DEP | 1-(1,2-diphenylethyl)piperidine
Methoxphenidine (2-MeO-Diphenidine, MXP) (x-(y)z) = Methoxphenidine | 2-MeO-Diphenidine | MXP | x-(y)z
Benzylpiperazine [BZP], namely 1-benzylpiperazine and its salts = Benzylpiperazine | BZP | 1-benzylpiperazine
(1-pentyl-1H-indol-3-yl)(2,2-x)-methanone (UR-144) = (1-pentyl-1H-indol-3-yl)(2,2-x)-methanone | UR-144
Phenampromide (N–(1–methyl) ethyl) propionanilide) = Phenampromide | N-(1-methyl) ethyl) propionanilide
Amineptine [(dihydro–10) amino]–7 heptanoïque et ses sels = Amineptine | [(dihydro-10) amino]-7 heptanoïque
Phenylacetic acid and its salts = Phenylacetic acid
3-oxo-2-phenylbutanamide (α- x-APAA) = 3-oxo-2-phenylbutanamide | α-x-APAA
Any substance that has a 3-benzoylindole structure with substitution at the = 3-benzoylindole
toute substance ayant une structure 3-benzoylindole substituée à = 3-benzoylindole
"""


@pytest.mark.parametrize("line", NAMES.strip().splitlines())
def test_names_are_cut_from_brackets_at_the_outermost_level(line):
    text, _, names = line.partition(" = ")
    assert " | ".join(read(text).names) == names


COVERS = """
Glutethimide (2-ethyl) =
Zolpidem (N,N,6-trimethyl) and any salt thereof = salts
Fentanyls, their salts, derivatives, and analogues and salts of derivatives and analogues, including: \
    = analogues derivatives salts salts-of-analogues salts-of-derivatives
Fentanyls, leurs sels, leurs dérivés et leurs analogues, ainsi que les sels de leurs dérivés et analogues \
    = analogues derivatives salts salts-of-analogues salts-of-derivatives
ANPP (x), its derivatives and analogues and salts of derivatives and analogues \
    = analogues derivatives salts-of-analogues salts-of-derivatives
Tramadol (x), its salts, isomers and salts of isomers and the following derivatives and the salts: \
    = isomers salts salts-of-isomers
Ephedrine (erythro-x), its salts and any plant containing ephedrine or any of its salts = plants salts
Safrole (x) and any essential oil containing more than 4% safrole = oils
X, its intermediates, salts, and salts of intermediates and derivatives including: \
    = intermediates salts salts-of-derivatives salts-of-intermediates
Dioxaphetyl ester acid (salt of x) =
"""


@pytest.mark.parametrize("line", COVERS.replace("\\\n", "").strip().splitlines())
def test_what_is_covered_stands_after_the_names(line):
    text, _, covers = line.partition("=")
    assert sorted(read(text.strip()).covers) == covers.split()


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Morphinans, their salts", "class"),
        ("Anabolic steroids and their derivatives including:", "class"),
        ("Analogues and derivatives of X and its salts, including", "class"),
        ("Phencyclidine (x), its salts", "substance"),
        ("Coca (Erythroxylum), its preparations", "plant"),
        ("Cocaine (benzoylmethylecgonine)", "substance"),
        ("Any preparation or mixture that contains R 1 or its salts", "mixture"),
        ("Die that is suitable for use", "device"),
    ],
)
def test_what_an_item_is(text, kind):
    assert read(text).kind == kind


def test_what_an_item_takes_out_itself():
    text = (
        "Agonists, their salts — with the exception of any A and with the exception of ((3S)-x (W 1) and its "
        "salts — including"
    )
    assert read(text).excepted == ("any A", "((3S)-x (W 1)")
    assert read("Mescaline (x) and any salt thereof, but not peyote (l)").excepted == ("peyote (l)",)
    assert read("Mescaline (x) et ses sels, sauf le peyote (l)").excepted == ("peyote (l)",)


def test_one_spelling():
    assert spelled("N–hydroxy-3,4- amphet\u00adamine") == "N-hydroxy-3,4-amphetamine"
    assert spelled("6ß - x\u00a0y") == "6β - x y"


@given(st.text(st.sampled_from("ab1,()[]–- its salts and including")))
def test_any_text_gives_names_that_stand_in_it(text):
    found = read(text)
    assert all(name in spelled(text) for name in found.names)
