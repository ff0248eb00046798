"""Rosters: who works which shift on which day, under rules that name their clause."""
