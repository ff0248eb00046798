"""The exercise of four nodes over many seeds."""
