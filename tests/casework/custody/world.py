"""Exhibits as the log would hold them, without a floor: acts are checked, numbered and applied."""

from datetime import UTC, datetime, time, timedelta

from watchfloor.casework.custody import exhibits, record_builders, rules
from watchfloor.casework.custody.record_builders import Part

KEY = b"k" * 32
START = datetime(2026, 10, 1, 15, tzinfo=UTC)
MARKED = "PB//TLP:AMBER"
SEIZED = {
    "law": "CDSA s. 11",
    "place": "Mirabel",
    "name": "powder",
    "sort": "controlled-substance",
    "flags": [],
}


class Vault:
    """A world of exhibits, its rows in the order of the log, and a clock that goes on by a minute an act."""

    def __init__(self):
        self.found, self.rows, self.minutes = {}, [], 0

    def seize(self, number="1", by="anna", **given):
        at = self.tick()
        said = SEIZED | {"number": number} | given
        return self.keep([record_builders.seized(KEY, by, at, at.date(), MARKED, said, at)])

    def act(self, number, what, by="anna", day=None, edition=None, **given):
        at = self.tick() if day is None else datetime.combine(day, time(23), UTC)
        row = record_builders.following(self.found, self.one(number), what, by, at, at.date(), given)
        return self.keep([row if edition is None else row | {"edition": edition}])

    def split(self, number, parts, by="anna", **given):
        at, one = self.tick(), self.one(number)
        children = record_builders.parts_of(KEY, one, [Part(*each) for each in parts], by, at, at.date())
        ahead = dict(self.found)
        for row in children:
            exhibits.apply(ahead, row)
        ids = [row["exhibit"] for row in children]
        row = record_builders.following(ahead, one, "split", by, at, at.date(), given | {"children": ids})
        return self.keep([*children, row])

    def keep(self, rows):
        """All of the acts, or none of them."""
        ahead = dict(self.found)
        for row in rows:
            rules.check(ahead, row)
            exhibits.apply(ahead, row)
        for row in rows:
            position = len(self.rows) + 1
            self.rows.append(row | {"record_id": position.to_bytes(16, "big"), "position": position})
            exhibits.apply(self.found, self.rows[-1])
        return self.found[rows[-1]["exhibit"]]

    def one(self, number):
        (found,) = (one for one in self.found.values() if one.number == number)
        return found

    def tick(self):
        self.minutes += 1
        return START + timedelta(minutes=self.minutes)
