"""`watchfloor lab devices` and `watchfloor lab reading negative`, as somebody at a laboratory types them."""

import json

import pytest
from tests.cli.commanded import RUNNER
from tests.formats.instruments import PARCEL

from watchfloor.cli import app

LOG = f"""time,serial,run,kind,item,channel,cas,alarm,k0,k0 low,k0 high,calibrated until
2026-07-14T08:00:00Z,4411,1,calibrant,,,,,1.0000,0.99,1.01,2026-12-31
2026-07-14T08:05:00Z,4411,2,blank,,fentanyl,,no,,,,2026-12-31
2026-07-14T08:10:00Z,4411,3,sample,{PARCEL},fentanyl,437-38-7,yes,1.0510,1.04,1.06,2026-12-31
"""
STRIPS = f"""time,item,target,cas,lot,control line,test line,dilution
2026-07-14T08:20:00Z,{PARCEL},fentanyl,437-38-7,L-17,yes,yes,0.5
"""
BENCH = f"""report_key,observed_at,subject,instrument,method,substance,level
A-1,2026-07-15T09:00:00Z,parcel:s10:{PARCEL},bench,gc-ms,substance:cas:437-38-7,identified
"""


def run(*words, code=0):
    result = RUNNER.invoke(app, [str(word) for word in words])
    assert result.exit_code == code, result.output
    return result


@pytest.fixture(scope="module")
def floor(tmp_path_factory):
    home = tmp_path_factory.mktemp("laboratory")
    for name, text in (("ims.csv", LOG), ("strips.csv", STRIPS), ("bench.csv", BENCH)):
        (home / name).write_text(text, encoding="utf-8")
    run("init", "--floor", home / "floor", "--exercise")
    run(
        "ingest", *(home / name for name in ("ims.csv", "strips.csv", "bench.csv")), "--floor", home / "floor"
    )
    run("run", "--floor", home / "floor")
    return home / "floor"


def rows(floor, *words):
    told = run("lab", "devices", *words, "--json", "--floor", floor).stdout
    return [json.loads(line) for line in told.splitlines()]


def test_what_came_of_each_device_s_alarms(floor):
    ims, strips = rows(floor, "--on", "2026-07-20")
    assert (ims["serial"], ims["alarms"], ims["confirmed"], ims["wilson"][1]) == ("4411", 1, 1, 1.0)
    assert (ims["calibrants"], ims["blanks"], ims["troubles"]) == (1, 1, [])
    assert (strips["serial"], strips["missed"], strips["confirmed_share"]) == ("lot L-17", 1, None)


def test_days_and_one_device(floor):
    assert [one["troubles"] for one in rows(floor, "4411", "--on", "2027-01-02")] == [["calibration-overdue"]]
    assert rows(floor, "--on", "2026-07-14T08:06:00Z")[0]["alarms"] == 0
    assert rows(floor, "--on", "2026-07-13") == [{"devices": 0}]
    assert "No reading" in run("lab", "devices", "--on", "2026-07-13", "--floor", floor).stdout
    told = run("lab", "devices", "K9-1", "--floor", floor).stdout
    assert "No device has that serial number; there are 4411, lot L-17" in " ".join(told.split())
    assert "is no day or moment" in run("lab", "devices", "--on", "soon", "--floor", floor, code=2).output


def test_the_table_says_what_to_see_to(floor):
    told = run("lab", "devices", "--on", "2027-01-02", "--floor", floor)
    assert "calibration overdue since 2026-12-31" in " ".join(told.stdout.split())
    assert "1 reading without a serial number" in told.stderr
    assert "étalonnage échu" in " ".join(
        run("lab", "devices", "--on", "2027-01-02", "--lang", "fr", "--floor", floor).stdout.split()
    )


def test_the_query_is_logged(floor):
    run("lab", "devices", "4411", "--floor", floor)
    told = run("floor", "log", "show", "--top", "1", "--json", "--floor", floor).stdout
    assert json.loads(told.splitlines()[0])["act"] == "query"


def test_the_parcel_is_a_lead(floor):
    (lead, *_) = [json.loads(line) for line in run("leads", "--json", "--floor", floor).stdout.splitlines()]
    assert f"parcel:s10:{PARCEL}" in str(lead)


def negative(*words, code=0):
    return run("lab", "reading", "negative", *words, code=code)


def test_what_a_negative_is_worth():
    told = negative("--method", "ftir", "--matrix", "powder", "--prior", "0.3").stdout
    assert "are missed in 30 of 173 cases" in told
    assert "published counts: McCrae" in told
    found = json.loads(
        negative("--method", "immunoassay", "--matrix", "powder", "--prior", "0.3", "--json").stdout
    )
    assert found["low"] < found["presence"] < found["high"] < 0.05
    assert "30.0 %" in found["sentence"]
    french = negative(
        "--method", "ftir", "--matrix", "powder", "--prior", "0.3", "--share", "0.05", "--lang", "fr"
    )
    assert "une poudre qui en contiendrait 5,0 % en masse" in french.stdout
    told = negative("--method", "dart-ms", "--matrix", "swab", "--prior", "0.3", "--share", "0.05").stdout
    assert "No figures by share" in told


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["--method", "taste", "--matrix", "powder", "--prior", "0.3"], "no figures are known of 'taste'"),
        (["--method", "ims", "--matrix", "plant", "--prior", "0.3"], "ims on plant"),
        (["--method", "ftir", "--matrix", "powder", "--prior", "1"], "between 0 and 1"),
        (["--method", "ftir", "--matrix", "powder", "--prior", "nan"], "between 0 and 1"),
        (["--method", "ftir", "--matrix", "powder", "--prior", "0.3", "--share", "30"], "a share lies"),
    ],
)
def test_what_cannot_be_said_is_refused(words, why):
    assert why in " ".join(negative(*words, code=2).output.split())
