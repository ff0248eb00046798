"""Circular reporting, echoes without an origin, and a million signals: `./dev bench cell`."""
