"""A model of declared goods: how likely an examination finds something, how sure that is, and why.

    model = fit(declarations, inspections)            # once; model.stored() and load() keep it
    scores = score(model, declarations)               # chance and spread, a row each, by the million
    for told in explain(model, declarations, [3, 7]): # bits that sum to the chance, past cases
        ...
    drift(model, declarations)                        # how far the day's values lie from the fit's

A score is a function of the declaration and the fitted file alone, without live state. Nationality and names
are no inputs; countries are none either, unless the fit is asked for routes, and then they count by a bounded
number of bits. A score is an invitation to look: it is no ground for opening mail; a low one clears nothing.
"""

from watchfloor.desks.cargo.model.answers import Clears, Drift, Explained, Part, Past, Scores
from watchfloor.desks.cargo.model.drifting import drift
from watchfloor.desks.cargo.model.explanation import explain, raising
from watchfloor.desks.cargo.model.fitted import FitError, Model, load
from watchfloor.desks.cargo.model.fitting import fit
from watchfloor.desks.cargo.model.scoring import score

__all__ = [
    "Clears",
    "Drift",
    "Explained",
    "FitError",
    "Model",
    "Part",
    "Past",
    "Scores",
    "drift",
    "explain",
    "fit",
    "load",
    "raising",
    "score",
]
