"""Kernels, one of which calls the other with a literal and with a number."""

from watchfloor.core.kernels import kernel


@kernel
def inner(at, more):
    return at + more


@kernel
def outer(n):
    return inner(n, 0) + inner(0, 7)


@kernel(few=10)
def small(numbers):
    total = 0
    for i in range(len(numbers)):
        total += numbers[i]
    return total


@kernel(few=10)
def product(a, b):
    return inner(a * b, a - a)
