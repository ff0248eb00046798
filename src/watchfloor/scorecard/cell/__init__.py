"""Figures of the cell itself: its queue, its calibration, fairness, audit, feeds."""
