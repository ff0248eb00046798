"""The demo: a floor, nodes, a partnership of banks."""
