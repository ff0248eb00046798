"""The interval of a share of cases, one for all who print one."""


def jeffreys(hits: float, cases: float) -> tuple[float, float]:
    """The 95 % interval of Jeffreys's prior for `hits` of `cases`, to the edge where none or all are hits.

    Brown, Cai and DasGupta, Statistical Science 16 (2001), section 4.3. `cases` is positive, and may be an
    effective number.
    """
    from scipy.special import betaincinv  # not needed by who only reads records

    a, b = hits + 0.5, cases - hits + 0.5
    low = 0.0 if hits <= 0 else float(betaincinv(a, b, 0.025))
    high = 1.0 if hits >= cases else float(betaincinv(a, b, 0.975))
    return low, high
