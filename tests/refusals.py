"""Expected refusals, by message id and parameters: their sentences are tested in `tests/records`."""


def because(message, /, **params):
    """Return a check for `pytest.raises`: the reason has this message id and at least these parameters."""

    def check(error):
        reason = error.reason
        assert (reason.message, {**reason.params, **params}) == (message, reason.params), repr(reason)
        return True

    return check
