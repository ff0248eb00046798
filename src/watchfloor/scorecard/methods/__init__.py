"""Statistics of a figure's robustness: pure functions on months and counts."""
