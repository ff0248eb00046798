"""The map: what has a place, as it is known now or was known at a moment, and how it reaches a browser."""
