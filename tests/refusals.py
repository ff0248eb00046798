"""Expected refusals, by message id and parameters: their sentences are tested in `tests/core`."""

import pytest

from watchfloor.cell import acts
from watchfloor.policy import gateways


def because(message, /, **params):
    """Return a check for `pytest.raises`: the reason has this message id and at least these parameters."""

    def check(error):
        reason = error.reason
        assert (reason.message, {**reason.params, **params}) == (message, reason.params), repr(reason)
        return True

    return check


def refused(message, call, /, *args, **options):
    """Return the parameters of the refusal that a call ends in, whose message id this is."""
    with pytest.raises((acts.Refusal, gateways.Refusal), check=because(message)) as error:
        call(*args, **options)
    return error.value.reason.params
