"""Logs of AIS and ADS-B receivers taken in: what is kept, what a person has to say, the way back."""

from datetime import UTC, datetime

import pytest
from tests.formats import adsb, ais

from watchfloor.feeds import config
from watchfloor.feeds.intake import Orders, ingest_all, tally
from watchfloor.feeds.original import locate
from watchfloor.feeds.rereading import retry
from watchfloor.formats.settings import SettingsError
from watchfloor.policy.policy import Reader
from watchfloor.store import Actor, Floor

ACTOR = Actor("clerk", "test", "none needed")
READER = Reader("clerk")
BEGUN = 'base_time = "2026-07-14T09:30:00Z"'


@pytest.fixture
def floor(tmp_path):
    return Floor.create(tmp_path / "floor", ACTOR, ceiling="PB//TLP:RED")


def take(floor, path):
    with floor.writer(ACTOR) as writer:
        return tally(ingest_all(writer, [path], config.load(floor.root), Orders()))


def piece_of(floor, row):
    with floor.delivered(row["delivery"]) as stream:
        return locate(stream, row["locator"])


def test_a_log_of_ais_is_kept_and_led_back_to(floor, tmp_path):
    path = tmp_path / "tower-3.nmea"
    path.write_bytes(ais.log(ais.random_messages(1, 40)) + b"noise\n")
    account = take(floor, path).total
    assert (account.accepted, account.quarantined) == (40, 1)
    rows = floor.read("detection", READER).to_pylist()
    lines = path.read_bytes().split(b"\n")
    for row in rows[:10]:
        piece = piece_of(floor, row)
        first, _, last = row["locator"].removeprefix("line").removeprefix("s").strip().partition("-")
        assert piece == b"\n".join(lines[int(first) - 1 : int(last or first)])
    assert take(floor, path).total.accepted == 0


def test_a_log_without_times_waits_until_a_person_says_when_it_began(floor, tmp_path):
    path = tmp_path / "receiver.bin"
    told = adsb.flight(seconds=3)
    path.write_bytes(b"".join(adsb.encode.beast(data, (at - adsb.TIME) * 12) for at, data, _ in told))
    assert take(floor, path).total.quarantined == 1
    assert "base_time = " in floor.quarantine()[0].reason
    (floor.root / "feeds.toml").write_text(f"[feeds.receiver]\n{BEGUN}\nreceiver = [44.2, -76.5]\n")
    with floor.writer(ACTOR) as writer:
        again = tally(retry(floor, writer, config.load(floor.root), Orders(), floor.quarantine()))
    assert again.total.accepted == len(told)
    row = floor.read("detection", READER).to_pylist()[0]
    assert row["observed_at"] == datetime(2026, 7, 14, 9, 30, tzinfo=UTC)
    assert piece_of(floor, row) == adsb.encode.beast(told[0][1])


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        ('base_time = "2026-07-14T09:30:00"', "needs its zone"),
        ('base_time = "yesterday"', "Invalid RFC3339"),
        ("receiver = [120.0, 0.0]", "is latitude and longitude"),
    ],
)
def test_wrong_settings_are_named(floor, settings, why):
    (floor.root / "feeds.toml").write_text(f"[feeds.receiver]\n{settings}\n")
    with pytest.raises(SettingsError, match=why):
        config.load(floor.root)


def test_a_toml_time_will_do(floor):
    (floor.root / "feeds.toml").write_text("[feeds.receiver]\nbase_time = 2026-07-14T09:30:00Z\n")
    assert config.load(floor.root).feed("receiver").base_time == datetime(2026, 7, 14, 9, 30, tzinfo=UTC)
