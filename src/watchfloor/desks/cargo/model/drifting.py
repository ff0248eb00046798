"""How far today's declarations lie from those a model was fitted on."""

import pyarrow as pa

from watchfloor.desks.cargo.model.fitted import Model
from watchfloor.desks.cargo.model.told import Drift


def drift(model: Model, declarations: pa.Table) -> list[Drift]:  # noqa: ARG001
    """How far each input has moved, the farthest first."""
    return []
