"""Typologies: indicators as data, evaluated over payments."""
