"""References of a floor's desks besides its evidence."""

from typing import Final

import pyarrow as pa

from watchfloor.desks.base import Refs
from watchfloor.desks.cargo import goods_norms, margins
from watchfloor.desks.finance import rates
from watchfloor.feeds.config import load
from watchfloor.reference import border, controls, goods
from watchfloor.store.floor import Floor


def references(floor: Floor) -> Refs:
    """From the floor's settings: which feeds are screened and why, what is controlled, what may be off."""
    screened = load(floor.root).screened()
    table = pa.table(
        {
            "source": pa.array(list(screened), pa.string()),
            "necessity": pa.array([one.necessity for one in screened.values()], pa.string()),
            "authority": pa.array([one.authority for one in screened.values()], pa.string()),
        }
    )
    found = {"screening": table, "controls": controls.reference(), "margins": margins.reference(floor.root)}
    found |= {"border": border.content(), "goods": goods.content()}
    found |= {goods_norms.REFERENCE: goods_norms.reference(floor.root)}
    found |= {name: _own(floor, file) for name, file in OWN.items()}
    return Refs(floor.key, found)


def left_aside(floor: Floor) -> tuple[str, ...]:
    """Return what of the floor's own files the desks leave aside: a sentence for each, with file and line."""
    return rates.left_aside(_own(floor, OWN[rates.REFERENCE]))


OWN: Final = {
    "surroundings": "surroundings.geojson",
    "tracker": "tracker.toml",
    "payment-model": "payment-model.json",
    rates.REFERENCE: rates.FILE,
    "cargo-model": "cargo-model.json",
}
"""Files of a floor's own: what lies around it (`reference.surroundings`), settings of the tracker
(`watchfloor track --settings` prints them all), models of payments and of declared goods (`watchfloor finance
install`, `watchfloor cargo fit`), and exchange rates (`desks.finance.rates`). A floor without one hands its
desks nothing."""


def _own(floor: Floor, name: str) -> bytes:
    own = floor.root / name
    return own.read_bytes() if own.exists() else b""
