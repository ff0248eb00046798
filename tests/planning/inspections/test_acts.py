"""What acts on referrals say of items: whose grounds count, what is done, what waits."""

from datetime import UTC, date, datetime

import pyarrow as pa
import pytest
from tests.planning.inspections.stream import examined, rows

from watchfloor.planning.inspections.referring import Grounds
from watchfloor.planning.inspections.streams import UNENDED, grounds, subjects, used

MAIL = "parcel:s10:RR123456785CA"
OWN = "The seal was cut and glued again"


def acts(*some: dict[str, object]) -> pa.Table:
    return rows("inspection", [{"subject": MAIL, "state": "referred", "by": "clerk"} | one for one in some])


@pytest.mark.parametrize("text", [None, "", OWN, "chosen with a chance of 40 %", " [badge 4411]"])
def test_who_wrote_the_record_is_not_who_suspects(text: str | None) -> None:
    assert grounds(acts({"grounds": text})) == {}


def test_the_last_officers_grounds_stand_unless_they_were_withdrawn() -> None:
    kept = {"grounds": f"{OWN} [badge 4411]"}
    assert grounds(acts(kept)) == {MAIL: Grounds(OWN, "4411")}
    later = {"grounds": "The dog sat down [badge 12]", "state": "amended"}
    assert (
        grounds(acts(later | {"observed_at": datetime(2026, 11, 1, tzinfo=UTC)}, kept))[MAIL].badge == "4411"
    )
    assert grounds(acts(kept | {"state": "withdrawn"})) == {}


def test_what_waits_for_a_means_is_what_can_still_be_held() -> None:
    day = date(2026, 11, 20)
    late, soon = datetime(2026, 11, 19, tzinfo=UTC), datetime(2026, 11, 21, tzinfo=UTC)
    some = acts(
        {"means": "dog", "deadline": soon},
        {"means": "dog", "deadline": late},
        {"means": "x-ray", "deadline": None, "state": "amended"},
        examined(MAIL, "nothing", means="trace"),
    )
    assert used(some, day) == {"dog": 1, "x-ray": 1}
    assert subjects(some, UNENDED).to_pylist() == [MAIL]
