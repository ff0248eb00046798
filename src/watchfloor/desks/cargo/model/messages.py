"""Messages of a model on a declaration and on a day, in English and in French."""

from typing import Final

from watchfloor.core.messages import Message, declare
from watchfloor.desks.cargo.input_words import NAMES


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _declared(what: str, en: str, fr: str) -> dict[str, Message]:
    """A message for each input."""
    return {
        name: declare(
            f"cargo.model-{what}-{name.replace(' & ', '-').replace(' ', '-')}",
            en=_capital(en.replace("NAME", words[0])),
            fr=_capital(fr.replace("NAME", words[1])),
        )
        for name, words in NAMES.items()
    }


RAISES: Final = _declared(
    "raises",
    "NAME, {value}: the odds of a find are {times} times as high, by past examinations.",
    "NAME, {value} : la cote d’une découverte est {times} fois aussi élevée, selon les examens passés.",
)
"""A contribution upwards."""
LOWERS: Final = _declared(
    "lowers",
    "NAME, {value}: the odds of a find are divided by {times}, by past examinations.",
    "NAME, {value} : la cote d’une découverte est divisée par {times}, selon les examens passés.",
)
"""A contribution downwards."""
STEADY: Final = _declared(
    "steady",
    "NAME{box} is distributed as when the model was fitted (index {index}; chance explains {chance}).",
    "NAME{box} se répartit comme lors de l’ajustement du modèle (indice {index}; le hasard explique"
    " {chance}).",
)
"""An input that has not moved."""
MOVED: Final = _declared(
    "moved",
    "NAME{box} is distributed otherwise than when the model was fitted (index {index}; chance explains"
    " {chance}): watch whether findings still follow the scores.",
    "NAME{box} se répartit autrement que lors de l’ajustement du modèle (indice {index}; le hasard"
    " explique {chance}) : vérifiez que les résultats suivent encore les scores.",
)
"""An input that has moved."""
DRIFTED: Final = _declared(
    "drifted",
    "NAME{box} is no longer distributed as when the model was fitted (index {index}; chance explains"
    " {chance}): fit the model anew.",
    "NAME{box} ne se répartit plus comme lors de l’ajustement du modèle (indice {index}; le hasard"
    " explique {chance}) : ajustez le modèle de nouveau.",
)
"""An input that has drifted."""

CLEARS: Final = {
    "value": declare("cargo.model-clears-value", "other", "currency", "now", "chance", "below"),
    "mass": declare("cargo.model-clears-mass", "other", "now", "chance", "below"),
}
"""What another value would have done. Only what a declarant could have declared otherwise is tried."""
