"""Mixtures drawn from made-up substances, and the measured ones: what is named, what is not, what is said."""

from dataclasses import replace
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from tests.desks.lab.search.test_find import spectrum

from watchfloor.desks.lab.identify.answer import ALONE, POOR, identify
from watchfloor.desks.lab.identify.compounds import Shelf
from watchfloor.desks.lab.prepare import checked
from watchfloor.desks.lab.search.library import build
from watchfloor.formats.base import FormatError
from watchfloor.formats.lab.spectra.files import load

DATA = Path(__file__).parents[5] / "shared" / "data" / "lab"
needs_data = pytest.mark.skipif(not (DATA / "dart").exists(), reason="the public spectra are not here")
VOLTS = (30.0, 60.0)


def substance(seed, twin=None):
    """Heights at places at two voltages; a twin looks the same at the first one."""
    rng = np.random.default_rng(seed)
    made = {}
    for volts in VOLTS:
        source = np.random.default_rng(twin) if twin is not None and volts == VOLTS[0] else rng
        made[volts] = (np.sort(source.uniform(60, 400, 9)), source.lognormal(0, 1, 9))
    return made


SUBSTANCES = {f"s{at}": substance(at) for at in range(8)} | {"twin": substance(99, twin=0)}


def library(without=()):
    return Shelf(
        build(
            spectrum(*peaks, name, voltage=volts)
            for name, made in SUBSTANCES.items()
            for volts, peaks in made.items()
            if name not in without
        )
    )


SHELF = library()


def sample(shares, volts=VOLTS, shift=0.0, foreign=0, seed=1, noise=0.1):
    rng = np.random.default_rng([7, seed])
    for one in volts:
        x = np.concatenate([SUBSTANCES[name][one][0] for name in shares] + [rng.uniform(60, 400, foreign)])
        y = [
            share * SUBSTANCES[name][one][1] / SUBSTANCES[name][one][1].sum()
            for name, share in shares.items()
        ]
        y = np.concatenate([*y, 0.4 * rng.dirichlet(np.ones(foreign)) if foreign else []])
        y = 1e5 * y * np.exp(rng.normal(0, noise, len(x)))
        order = np.argsort(x)
        yield spectrum(x[order] + rng.normal(0, 0.001, len(x)) + shift, y[order], "sample", voltage=one)


def named(answer):
    return {one.compound.name for one in answer.components}


@pytest.mark.parametrize("name", ["s0", "s3", "twin"])
def test_a_pure_substance_gains_no_second_one(name):
    answer = identify(list(sample({name: 1.0}, noise=0.25)), SHELF)
    assert named(answer) == {name}
    assert not answer.unknown
    (one,) = answer.components
    assert one.low <= one.share <= one.high <= 1.0 + 1e-9
    assert one.high > 0.9
    assert one.match > 0.9


@pytest.mark.parametrize("names", list(combinations(["s0", "s1", "s2", "twin"], 3)), ids="-".join)
def test_three_are_named_with_shares(names):
    shares = dict(zip(names, (0.5, 0.3, 0.2), strict=True))
    answer = identify(list(sample(shares)), SHELF)
    assert named(answer) == set(names)
    for one in answer.components:
        assert one.low <= shares[one.compound.name] <= one.high
        assert one.limit < shares[one.compound.name]


def test_a_minor_one_of_five_percent_is_named():
    assert named(identify(list(sample({"s1": 0.95, "s2": 0.05})), SHELF)) == {"s1", "s2"}


def test_twins_are_told_apart_jointly_and_not_at_one_voltage():
    joint = identify(list(sample({"s0": 0.6, "twin": 0.4})), SHELF)
    assert named(joint) == {"s0", "twin"}
    (one,) = identify(list(sample({"s0": 1.0}, volts=VOLTS[:1])), SHELF).components
    assert {one.compound.name, *(other.name for other in one.alternatives)} == {"s0", "twin"}


@pytest.mark.parametrize("shift", [-0.06, 0.03, 0.25])
def test_masses_that_are_off_are_put_right_and_said(shift):
    answer = identify(list(sample({"s1": 0.7, "s4": 0.3}, shift=shift)), SHELF)
    assert named(answer) == {"s1", "s4"}
    assert answer.shift == pytest.approx(shift, abs=0.004)
    assert any("put right" in doubt for doubt in answer.doubts)


def test_a_scale_that_is_stretched_is_put_right():
    spectra = [replace(one, x=one.x * (1 + 6e-5)) for one in sample({"s1": 0.7, "s4": 0.3})]
    assert named(identify(spectra, SHELF)) == {"s1", "s4"}


def test_what_is_foreign_stays_unexplained():
    answer = identify(list(sample({"s1": 0.6}, foreign=6)), SHELF)
    assert named(answer) == {"s1"}
    assert answer.unexplained == pytest.approx(0.4, abs=0.12)
    assert answer.unknown


@pytest.mark.parametrize("name", ["s2", "s5"])
def test_what_the_library_lacks_is_unknown(name):
    answer = identify(list(sample({name: 1.0})), library(without=(name,)))
    assert not answer.components
    assert answer.unexplained > 0.9


def test_scale_and_order_change_nothing():
    spectra = list(sample({"s1": 0.6, "s2": 0.4}))
    scaled = [replace(one, y=one.y * 1e-6) for one in reversed(spectra)]
    one, other = identify(spectra, SHELF), identify(scaled, SHELF)
    assert [c.compound.name for c in one.components] == [c.compound.name for c in other.components]
    np.testing.assert_allclose(
        [c.share for c in one.components], [c.share for c in other.components], rtol=1e-6
    )


def test_the_same_seed_gives_the_same_interval():
    spectra = list(sample({"s1": 0.6, "s2": 0.4}))
    first, again, other = (identify(spectra, SHELF, seed=seed) for seed in (3, 3, 4))
    assert first == again
    assert [c.low for c in first.components] != [c.low for c in other.components]


def test_nothing_to_compare_with_is_said():
    with pytest.raises(FormatError, match=r"nothing to compare it with, only ms \(voltages 30, 60\)"):
        identify([spectrum([100.1], [1.0], voltage=90.0)], SHELF)
    x = np.arange(400.0, 1200.0, 2.0)
    raman = replace(
        spectrum(x, np.exp(-(((x - 800) / 9) ** 2))), technique="raman", x_unit="cm-1", centroid=False
    )
    with pytest.raises(FormatError, match="is of raman"):
        identify([raman], SHELF)
    both = identify([*sample({"s1": 1.0}), raman], SHELF)
    assert named(both) == {"s1"}
    assert any("left out" in doubt for doubt in both.doubts)


def test_many_substances_are_searched_by_the_index():
    many = Shelf(
        build(
            spectrum(*peaks, f"m{at}", voltage=volts)
            for at in range(90)
            for volts, peaks in substance(1000 + at).items()
        )
    )
    SUBSTANCES.update(m7=substance(1007), m50=substance(1050))
    try:
        spectra = list(sample({"m7": 0.8, "m50": 0.2}, shift=0.05))
    finally:
        del SUBSTANCES["m7"], SUBSTANCES["m50"]
    assert named(identify(spectra, many)) == {"m7", "m50"}


@needs_data
@pytest.mark.parametrize(
    ("at", "pair"),
    list(
        enumerate(combinations(("AcetylFentanyl", "BenzylFentanyl", "Amphetamine", "Methamphetamine"), 2), 1)
    ),
)
def test_measured_mixtures(at, pair):
    """Composition inferred from the order of the files; see `./dev bench lab.mixtures`."""
    folders = [DATA / "dart", *(DATA / "dart_pure" / f"{volts}V" for volts in (30, 60, 90))]
    spectra = load(folders)
    shelf = Shelf(build(replace(one, technique="dart-ms") for one in spectra if "Mixture" not in one.name))
    mixture = [one for one in spectra if one.name.startswith(f"Mixture{at}_")]
    assert len(mixture) == 3
    assert named(identify(mixture, shelf, "dart-ms")) == set(pair)


def test_what_makes_an_answer_weak():
    good = identify(list(sample({"s1": 0.6, "s2": 0.4})), SHELF)
    assert not good.alone
    assert [good.weaknesses(one) for one in good.components] == [(), ()]
    (poor,) = {good.weaknesses(replace(one, match=POOR - 0.01)) for one in good.components}
    assert [text.split()[1] for text in poor] == ["match"]
    rest = replace(good, unexplained=0.34)
    assert rest.weaknesses(good.components[0]) == ("34% of the signal is unexplained",)
    one = identify(list(sample({"s1": 1.0}, VOLTS[1:])), SHELF)
    assert one.alone
    assert ALONE in one.doubts
    assert len(one.weaknesses(one.components[0])) == 1
    foreign = [spectrum([70.1, 201.3, 333.3], [30.0, 100.0, 80.0], "foreign", voltage=30.0)]
    nothing = identify(foreign, SHELF)
    assert (nothing.components, ALONE in nothing.doubts) == ((), False)


def test_replicates_at_one_voltage_are_one_voltage_alone():
    """A file given twice lifted what one voltage withholds."""
    once = [*sample({"s1": 1.0}, VOLTS[1:]), *sample({"s1": 1.0}, VOLTS[1:], seed=2)]
    assert identify(once, SHELF).alone
    assert not identify([*once, *sample({"s1": 1.0}, VOLTS[:1])], SHELF).alone


def test_isomers_are_other_substances_of_one_formula():
    def stated(name, formula):
        return replace(spectrum([70.0, 201.0], [30.0, 100.0], name), formula=formula)

    shelf = Shelf(
        build([stated("a", "C2H6O"), stated("b", "C2H6O"), stated("c", "C3H8O"), stated("d", None)])
    )
    assert [[one.name for one in shelf.isomers(each)] for each in shelf.compounds] == [["b"], ["a"], [], []]


@needs_data
def test_one_voltage_names_a_homologue_that_three_do_not():
    """Methamphetamine at 60 V without it in the library: amphetamine's ions, listed, and not there."""
    pure = [one for one in load([DATA / "dart"]) if "Mixture" not in one.name]
    pure = [checked(one, "dart-ms") for one in pure]
    shelf = Shelf(build(one for one in pure if not one.name.startswith("Methamphetamine")))
    query = [one for one in pure if one.name.startswith("Methamphetamine")]
    (named,) = (alone := identify([one for one in query if one.voltage == 60.0], shelf)).components
    assert named.compound.name == "Amphetamine"
    assert len(alone.weaknesses(named)) == 2
    assert identify(query, shelf).components == ()
