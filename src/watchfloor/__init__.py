"""Watchfloor: feeds in, explained leads out."""
