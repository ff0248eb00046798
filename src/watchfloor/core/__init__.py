"""The words of the floor: kinds of record, subject keys, markings, identities and reasons.

This room imports nothing of ours. Everything above it speaks in these terms.
"""
