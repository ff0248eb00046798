"""Surveillance in an exercise: where all truly went, and what towers, aircraft and boats made of it."""
