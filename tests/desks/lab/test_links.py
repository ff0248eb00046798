"""Two items of one batch meet: by profiles of one procedure, with a ratio of the floor's own pairs."""

import numpy as np
import pytest
from tests.desks.lab.benches import history, reading, result, standing, why

from watchfloor.desks.lab.links import RULE
from watchfloor.desks.lab.profiles import TOLERANCE, compared, profile

LABELS = ("main", *"ABCDEFGH")


def shares(batch, noise=0, spread=0.04):
    """Shares of a main peak and of eight impurities, by batch; `noise` seeds a sample's own error."""
    areas = np.exp(np.random.default_rng(batch).normal(0, 1, 8))
    areas = areas * np.exp(np.random.default_rng((batch, noise)).normal(0, spread, 8))
    return [0.9, *(0.1 * areas / areas.sum())]


def chromatogram(number, item, batch, names=LABELS, procedure="GC-7; FID1", **columns):
    """A profile of an item, which is of a batch."""
    results = [
        result("inconclusive", name=f"peak:{name}", share=one)
        for name, one in zip(names, shares(batch, number), strict=True)
    ]
    plain = {"subject": f"parcel:post:{item}", "substance": None, "procedure": procedure}
    return reading(number, None, "gc", results=results, **plain | columns)


def archive(items=14, **columns):
    """Two samples of each of so many items, each of a batch of its own."""
    return [
        chromatogram(2 * item + n, item, 100 + item, **columns) for item in range(items) for n in range(2)
    ]


def links(*rows):
    return [one for one in standing(*rows) if one["rule"] == RULE]


def test_two_seizures_of_one_batch_meet():
    (signal,) = links(*archive(), chromatogram(50, "X", 7), chromatogram(51, "Y", 7))
    assert signal["subjects"] == ["parcel:post:X", "parcel:post:Y"]
    assert signal["strength"] == "moderate"
    assert len(signal["evidence"]) == 2
    params = signal["reason"]["params"] if isinstance(signal["reason"]["params"], dict) else None
    text = why(signal)
    for said in ("14 pairs", "GC-7; FID1", "95 %", "does not establish", "A ", " | "):
        assert said in text
    assert "n’établit pas" in why(signal, "fr")
    assert params is None or 10 <= float(params["ratio"]) <= float(params["most"]) <= 92


@pytest.mark.parametrize(
    "columns",
    [
        {"procedure": "GC-7; FID2"},
        {"procedure": None},
        {"matrix": "blank"},
        {"quality": ["blank-failed"]},
        {"names": ("main", *"STUVWXYZ")},
    ],
)
def test_what_is_not_of_one_procedure_or_does_not_count_is_not_compared(columns):
    rows = [*archive(), chromatogram(50, "X", 7), chromatogram(51, "Y", 7)]
    assert links(*rows)
    assert not links(*rows[:-1], chromatogram(51, "Y", 7, **columns))


def test_without_repeats_the_very_alike_are_told_without_a_ratio():
    (signal,) = links(*(chromatogram(n, n, batch) for n, batch in enumerate((7, 8, 9, 7))))
    assert signal["strength"] == "uncalibrated"
    assert "not known" in why(signal)
    assert links(*(chromatogram(n, n, 20 + n) for n in range(4))) == []
    many = [chromatogram(n, n, 20 + n) for n in range(12)]
    assert links(*many, chromatogram(30, "X", 7), chromatogram(31, "Y", 7)) == []


def test_a_profile_put_right_takes_the_link_back():
    rows = [*archive(), chromatogram(50, "X", 7), chromatogram(51, "Y", 7)]
    again = chromatogram(52, "Y", 8, report_key="A-51")
    assert links(*rows, again) == []
    last = [one for one in history(*rows, again).to_pylist() if one["rule"] == RULE][-1]
    assert last["retracted"]
    assert "no longer" in why(last)


def test_who_may_not_see_a_profile_is_told_nothing_that_was_learned_from_it():
    """The links that rest on AMBER alone are those of a world without RED."""
    amber = [*archive(), chromatogram(50, "X", 7), chromatogram(51, "Y", 7)]
    red = [chromatogram(60 + n, f"R{n % 5}", 200 + n % 5, marking="PB//TLP:RED") for n in range(19)]
    rows = [*amber, *red, chromatogram(90, "Z", 7, marking="PB//TLP:RED")]
    rows = [row | {"observed_at": amber[0]["observed_at"]} for row in rows]

    def seen(*rows):
        found = [one for one in history(*rows).to_pylist() if one["rule"] == RULE]
        return [one | {"revision": 0} for one in found if one["marking"].endswith("AMBER")]

    mixed = [rows[n // 2 if n % 2 else len(rows) - 1 - n // 2] for n in range(len(rows))]
    alone = [row for row in mixed if row["marking"].endswith("AMBER")]
    assert seen(*mixed) == seen(*alone) != []
    assert any(one["marking"].endswith("RED") for one in links(*mixed))


def test_peaks_without_a_label_are_matched_within_the_tolerance():
    def shape(*times):
        return profile({"results": [result("x", name=f"peak:{at:.3f} min", share=0.2) for at in times]})

    one = shape(1, 2, 3, 4)
    near, far = shape(*(at + TOLERANCE * 0.9 for at in (1, 2, 3, 4))), shape(1.5, 2.5, 3.5, 4)
    found = compared(one, [near, far])
    assert found.cosine.tolist() == [1.0, 0.25]
    assert found.common.tolist() == [4, 1]
    assert found.bins[1] == -1
    assert compared(near, [one]).cosine == found.cosine[0]


def test_the_main_peak_is_left_out_of_both():
    def shape(main, *others):
        named = zip("MABC", (main, *others), strict=True)
        return profile({"results": [result("x", name=f"peak:{name}", share=one) for name, one in named]})

    pure, cut = shape(0.9, 0.05, 0.03, 0.02), shape(0.4, 0.3, 0.18, 0.12)
    assert compared(pure, [cut]).cosine[0] == pytest.approx(1)
    assert compared(cut, [pure]).common[0] == 3
