"""Bundles between nodes: what one holds, how it goes and comes, and what is taken back."""
