"""Searches by detector dogs, as handlers note them: CSV, a line a search, alerts and non-alerts alike.

These columns are read, in any order and under the words of `COLUMNS`:

    time, item, dog, handler, target, response, search, cas, blind, certified at, certified until, matrix,
    place, exhibit

`time`, `item`, `dog`, `target` and `response` are needed. `dog` and `handler` are numbers; a handler's name
is neither asked for nor kept: what has no digit is left out. `certified until` holds through its day.
`target` is what the dog is trained to find: drugs, currency, firearms, explosives, food-plant-animal or
other. A dog says that something of the sort is or was there, and not
which: a result names the sort (`target:drugs`), and a substance only where `cas` says that the dog is
trained on that one alone. `blind` says whether the handler did not know where anything was: one who knows
can cue the dog (Lit, Schweitzer and Oberbauer, Animal Cognition 14, 2011), so an alert that was not blind
is marked.
"""

from collections.abc import Iterator
from typing import Any, BinaryIO, Final

from watchfloor.formats.base import Batch, Fault, Format
from watchfloor.formats.lab.instrument_table import (
    AT,
    CAS,
    EXHIBIT,
    ITEM,
    PLACE,
    Line,
    badge,
    batches,
    lines,
    until,
    words,
)
from watchfloor.formats.lab.reading_quality import NOT_BLIND, TARGET
from watchfloor.formats.tabular import values
from watchfloor.formats.tabular.lexicon import Cell, Lexicon

COLUMNS: Final = {
    "time": AT,
    "item": ITEM._replace(needed=True),
    "dog": Cell(("dog", "dog number", "canine", "chien", "numero du chien"), needed=True),
    "target": Cell(
        ("target", "trained on", "discipline", "cible", "dressage"),
        words(
            drugs=("drug", "narcotics", "narcotic", "stupefiants", "drogues", "drogue"),
            currency=("money", "cash", "argent", "devises"),
            firearms=("firearm", "guns", "ammunition", "armes a feu", "armes", "munitions"),
            explosives=("explosive", "explosifs"),
            food_plant_animal=("food plant animal", "agriculture", "aliments", "vegetaux", "animaux"),
            other=("autre",),
        ),
        needed=True,
    ),
    "response": Cell(
        ("response", "result", "outcome", "reponse", "resultat"),
        words(
            alert=("indication", "hit", "positive", "yes", "alerte", "marque", "oui", "positif"),
            non_alert=("no alert", "none", "negative", "no", "aucune", "pas d alerte", "non", "negatif"),
            interest=("change of behaviour", "casting", "interet"),
        ),
        needed=True,
    ),
    "handler": Cell(("handler", "handler number", "badge", "maitre chien", "conducteur"), badge),
    "search": Cell(("search", "search number", "id", "recherche", "numero de recherche")),
    "cas": CAS,
    "blind": Cell(
        ("blind", "a l aveugle", "aveugle"), words(yes=("true", "1", "oui"), no=("false", "0", "non"))
    ),
    "certified_at": Cell(("certified at", "certified on", "certifie le"), values.instant),
    "certified_until": Cell(("certified until", "certification due", "certifie jusqu au"), until),
    "matrix": Cell(
        ("matrix", "what was searched", "searched", "matrice"),
        words(parcel=("package", "mail", "colis"), vehicle=("car", "truck", "vehicule"), other=("autre",)),
    ),
    "place": PLACE,
    "exhibit": EXHIBIT,
}

LEXICON: Final = Lexicon("a table of dogs' searches", COLUMNS, ("dog", "response"))
LEVELS: Final = {"alert": "presumptive", "interest": "inconclusive", "non-alert": "not-detected"}


def read(stream: BinaryIO, name: str) -> Iterator[Batch | Fault]:
    """Readings and faults of one table. Raises `FormatError` where a needed column is missing."""
    found = lines(LEXICON, stream, name)
    return batches(piece if isinstance(piece, Fault) else _reading(piece) for piece in found)


def _reading(line: Line) -> dict[str, Any]:
    said = line.said
    level = LEVELS[said["response"]]
    return {
        "report_key": said["search"],
        "observed_at": said["time"],
        "subject": said["item"],
        "instrument": f"detector dog, {said['target']}",
        "method": "dog",
        "serial": said["dog"],
        "operator": said["handler"],
        "calibrated_at": said["certified_at"],
        "calibrated_until": said["certified_until"],
        "matrix": said["matrix"],
        "place": said["place"],
        "exhibit": said["exhibit"],
        "substance": said["cas"],
        "level": level,
        "results": [{"substance": said["cas"], "name": TARGET + said["target"], "level": level}],
        "quality": [NOT_BLIND] if level == "presumptive" and said["blind"] == "no" else [],
        "locator": line.locator,
    }


FORMAT: Final = Format("dog-csv", ("reading",), LEXICON.sniff, read)
