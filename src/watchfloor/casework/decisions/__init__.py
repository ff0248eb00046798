"""Decisions about leads and subjects, and what was decided meanwhile."""
