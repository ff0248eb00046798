"""Whole exercises, played and scored."""
