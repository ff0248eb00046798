"""Runners beside a hand call of the same fold."""
