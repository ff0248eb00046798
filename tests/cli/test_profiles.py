"""Chromatograms of two exhibits, from their files to a lead that names both."""

import json

from tests.cli.test_explain import call
from tests.desks.lab.test_links import LABELS, shares
from tests.formats.spectra.test_andi import curve, run

from watchfloor.formats.lab.spectra.chromatogram import Peak


def test_two_exhibits_of_one_batch_meet_in_a_lead(tmp_path):
    place = tmp_path / "floor"
    call("init", "--floor", place)
    with (place / "feeds.toml").open("a", encoding="utf-8") as feeds:
        feeds.write('[feeds.lab]\npaths = ["*.cdf"]\nsamples = "parcel:lab-7"\ninstrument = "GC-1"\n')
    for number, (item, batch) in enumerate((("A-1", 7), ("A-2", 8), ("A-3", 7), ("A-4", 9))):
        areas = zip(LABELS, shares(batch, number), strict=True)
        peaks = [Peak(1 + n, 1000 * one, 5000 * one, name) for n, (name, one) in enumerate(areas)]
        (tmp_path / f"{number}.cdf").write_bytes(run(peaks, curve(peaks), sample_id=item))
    call("ingest", *sorted(tmp_path.glob("*.cdf")), "--floor", place)
    call("run", "--floor", place)
    (queued,) = map(json.loads, call("leads", "--floor", place, "--json").splitlines())
    assert queued["subjects"] == ["parcel:lab-7:A-1", "parcel:lab-7:A-3"]
    assert "pas connu" in " ".join(call("lead", queued["lead_id"], "--floor", place, "--lang", "fr").split())
