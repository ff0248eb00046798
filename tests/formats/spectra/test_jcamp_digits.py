"""Ordinates of JCAMP-DX: every form, against an encoder made from the standard's tables, and floats."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchfloor.formats.lab.spectra import jcamp_digits
from watchfloor.formats.lab.spectra.jcamp_digits import LIMIT, numbers, sums

WHOLE = st.integers(-(10**9), 10**9)
WALK = st.lists(st.integers(-300, 300) | st.just(0), min_size=1, max_size=120).map(
    lambda steps: np.cumsum(steps).tolist()
)


def letters(value, positive, negative, zero):
    digits = str(abs(value))
    lead = int(digits[0])
    if value == 0:
        return zero
    return (positive if value > 0 else negative)[lead - 1] + digits[1:]


def squeezed(value):
    return letters(value, "ABCDEFGHI", "abcdefghi", "@")


def difference(value):
    return letters(value, "JKLMNOPQR", "jklmnopqr", "%")


def repeated(count):
    return letters(count, "STUVWXYZs", "", "")


def dup(tokens):
    out, at = [], 0
    while at < len(tokens):
        run = at
        while run < len(tokens) and tokens[run] == tokens[at]:
            run += 1
        out.append(tokens[at])
        if run - at > 1:
            out.append(repeated(run - at))
        at = run
    return "".join(out)


def encoded(values, form, width=7):
    """Lines of `(X++(Y..Y))` in one form; x counts up from 10."""
    lines = []
    for at in range(0, len(values), width):
        row = values[at : at + width]
        if form == "affn":
            text = " " + " ".join(map(str, row))
        elif form == "pac":
            text = "".join(f"{value:+d}" for value in row)
        elif form in ("sqz", "sqzdup"):
            tokens = [squeezed(value) for value in row]
            text = dup(tokens) if form == "sqzdup" else "".join(tokens)
        else:
            steps = [difference(b - a) for a, b in pairwise(row)]
            if at and lines[-1][1]:  # the check: the ordinate before, again
                text = squeezed(values[at - 1])
                steps = [difference(row[0] - values[at - 1]), *steps]
                start = at - 1
            else:
                text, start = squeezed(row[0]), at
            text += dup(steps) if form == "difdup" else "".join(steps)
            lines.append((f"{10 + start}{text}", bool(steps)))
            continue
        lines.append((f"{10 + at}{text}", False))
    if lines[-1][1]:
        lines.append((f"{10 + len(values) - 1}{squeezed(values[-1])}", False))
    return "\n".join(line for line, _ in lines).encode() + b"\n"


def decoded(data, **options):
    return sums(data, 0, len(data), **options)


@pytest.mark.parametrize("form", ["affn", "pac", "sqz", "sqzdup", "dif", "difdup"])
@given(values=WALK | st.lists(WHOLE, min_size=1, max_size=40))
def test_every_form_decodes_to_what_was_encoded(form, values):
    found = decoded(encoded(values, form))
    assert found.y.tolist() == values
    assert not found.unequal.any()
    assert found.strange == 0
    assert (found.line_x == 10 + found.line_at).all()


def test_forms_may_mix_in_one_line():
    found = decoded(b"1 +5-3A2b1TJ1%Sj0 7.5 ?\n")
    assert found.y[:8].tolist() == [5, -3, 12, -21, -21, -10, -10, -20]
    assert found.y[8] == 7.5
    assert np.isnan(found.y[9])


def test_the_published_example_of_the_ion_mobility_standard():
    """J. I. Baumbach et al., Pure Appl. Chem. 73, 2001: the same curve as free numbers and as DIFDUP."""
    free = b"""4 0 0 0 0 2 4 4 4 7
13 5 4 4 5 5 7 10 11 11
22 6 5 7 6 9 9 7 10 10
31 9 10 11 12 15 16 16 14 17
40 38 38 35 38 42 47 54 59 66
49 75 78 88 96 104 110 121 128
"""
    squeezed_ = b"4@VKT%TLkj%J%KLJ%njKjL%kL%jJULJ%kLK1%lLMNPNPRLJ0QTOJ1P\n56A28\n"
    assert decoded(free).y.tolist() == decoded(squeezed_).y.tolist()
    assert len(decoded(squeezed_).y) == 53


@given(st.floats(-1e280, 1e280).filter(lambda value: not 0 < abs(value) < 1e-280))
def test_free_numbers_are_floats(value):
    text = f"{value!r}".encode()
    (found,), strange, _ = numbers(text, 0, len(text))
    assert strange == 0
    assert found == pytest.approx(value, rel=4e-15)


@given(st.integers(0, 10**15), st.integers(0, 22))
def test_numbers_of_fifteen_digits_are_exact(mantissa, places):
    text = f"{mantissa}e-{places}".encode()
    assert numbers(text, 0, len(text))[0].tolist() == [float(text)]


def test_a_check_that_fails_is_told_and_the_point_is_kept():
    found = decoded(b"1A0JJ\n3A9JJ\n5B1\n")
    assert found.y.tolist() == [10, 11, 12, 20, 21]
    assert found.unequal.tolist() == [False, True, False]


def test_lines_without_checks_can_be_read_as_such():
    assert decoded(b"1A0JJ\n4A3JJ\n", checks=False).y.tolist() == [10, 11, 12, 13, 14, 15]


def test_a_few_bytes_cannot_ask_for_any_number_of_points():
    found = decoded(b"1A0Z99999999999\n")
    assert found.full
    assert len(found.y) <= LIMIT
    many = decoded(b"1A0S00000\n")
    assert len(many.y) == 100_000
    assert not many.full


@given(st.binary(max_size=200))
def test_any_bytes_give_numbers_and_places(data):
    found = decoded(data)
    assert len(found.line_x) == len(found.line_at) == len(found.unequal) <= data.count(b"\n") + 1
    assert ((found.line_at >= 0) & (found.line_at <= len(found.y))).all()
    assert found.strange == 0 or 0 <= found.strange_at < len(data)
    numbers(data, 0, len(data))


@pytest.mark.parametrize("form", ["affn", "difdup"])
def test_the_kernel_gives_what_its_source_gives_uncompiled(form):
    data = encoded([3, 3, 3, 1, -2, -2, 100, 0], form)
    made = []
    for kernel in (jcamp_digits._sums, jcamp_digits._sums.py_func):
        out, x = np.zeros(64), [np.zeros(9), np.zeros(9, np.int64), np.zeros(9, np.int64), np.zeros(9, bool)]
        counts = kernel(np.frombuffer(data, np.uint8), 0, len(data), True, out, *x)
        made.append([counts, out.tolist(), *(one.tolist() for one in x)])
    assert made[0] == made[1]
    assert made[0][1][:8] == [3, 3, 3, 1, -2, -2, 100, 0]
