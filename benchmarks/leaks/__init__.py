"""Erases a person from a lived-in floor, then looks through every byte: `./dev bench leaks`."""
