"""Formats of tables: `./dev bench formats.NAME`."""
