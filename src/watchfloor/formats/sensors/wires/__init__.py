"""Wires: messages that are read while they come, from connections that stay open."""
