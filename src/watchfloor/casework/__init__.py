"""Casework: what people do about leads, and the one life cycle under it."""
