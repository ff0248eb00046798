"""Detectors: which ports scarce teams go to next, under drift, and what is learned by being there."""
