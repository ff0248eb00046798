"""The exercise of ten nodes over many seeds."""
