"""What may be done about a lead, and what stands: decisions, merges, tasks, outcomes."""

import msgspec

from watchfloor.cell.leads import Lead
from watchfloor.console.endpoint import Asker, Endpoint


class Acts(msgspec.Struct, frozen=True):
    """What the forms of a lead's page need."""

    marking: str = ""


def acts_of(asker: Asker, lead: Lead) -> Acts:
    """What may be done about a lead."""
    del asker, lead
    return Acts()


ENDPOINTS: tuple[Endpoint, ...] = ()
