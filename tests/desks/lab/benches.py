"""Readings of a made-up laboratory, for the tests of its desk."""

from datetime import UTC, datetime, timedelta

import pyarrow as pa

from watchfloor.core.derived import net
from watchfloor.core.kinds import READING
from watchfloor.core.messages import Reason
from watchfloor.desks.base import Refs
from watchfloor.desks.lab.desk import DESK
from watchfloor.desks.lab.sample import CONTROLS
from watchfloor.run import run

DAY = datetime(2026, 1, 1, 6, tzinfo=UTC)
PARCEL = "parcel:s10:RR473124829GB"
FENTANYL, EPHEDRINE, COCAINE = CONTROLS["substance"].to_pylist()
CAFFEINE = "substance:cas:58-08-2"


def reading(number, level, method="gc-ms", **columns):
    """A reading of the parcel, an hour after the one before it."""
    plain = {
        "record_id": number.to_bytes(16, "big"),
        "report_key": f"A-{number}",
        "source": "bench",
        "origins": [],
        "observed_at": DAY + timedelta(minutes=number),
        "marking": "PB//TLP:AMBER",
        "delivery": bytes(32),
        "locator": f"line {number}",
        "subject": PARCEL,
        "instrument": method,
        "method": method,
        "substance": FENTANYL,
        "level": level,
    }
    return dict.fromkeys(READING.schema.names) | plain | columns


def result(level, substance=None, name="x", **share):
    """One result of a reading."""
    plain = dict.fromkeys(("score", "share", "share_low", "share_high", "by"))
    return plain | {"substance": substance, "name": name, "level": level} | share


def history(*rows, controls=CONTROLS):
    table = pa.Table.from_pylist(list(rows), READING.schema)
    return run(DESK, {"reading": table}, Refs(bytes(32), {"controls": controls}))["signal"]


def standing(*rows, controls=CONTROLS):
    """What stands in the end."""
    return net(history(*rows, controls=controls)).to_pylist()


def told(*rows):
    """Rule and strength of what stands, in order."""
    return sorted((one["rule"], one["strength"]) for one in standing(*rows))


def why(signal, language="en"):
    return Reason.load(signal["reason"]).render(language)


def checked(device, right, wrong):
    """Alarms of a device in parcels of their own, each checked by chromatography."""
    for number in range(right + wrong):
        at = 2 * number + 1
        mine = {"subject": f"parcel:post:{number}"}
        yield reading(at, "presumptive", "ims", serial=device, **mine)
        yield reading(at + 1, "identified" if number < right else "not-detected", **mine)
