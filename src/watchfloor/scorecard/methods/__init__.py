"""What a figure is worth: pure functions on months and counts."""
