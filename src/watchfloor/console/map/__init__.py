"""The map: what is where, and the ground under it."""
