"""The rules of the cargo desk, one a module."""
