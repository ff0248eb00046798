"""Outward packages and what comes back: bundles between nodes, letters, disclosure to the Crown."""
