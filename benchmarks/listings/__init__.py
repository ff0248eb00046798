"""Screening of names against official lists, beside nomenklatura and rapidfuzz: `./dev bench listings`."""
