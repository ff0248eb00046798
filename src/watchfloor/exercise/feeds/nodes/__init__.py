"""Feeds that lie at one institution each and nowhere else: a bank, a laboratory, customs, the cell itself.

They have no attribute `FEED`, so an exercise on one floor does not have them; `exercise.nodes` says which
node has which.
"""
