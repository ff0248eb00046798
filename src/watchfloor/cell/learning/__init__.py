"""What outcomes teach: fits of the weight table, calibration, and the audit sample that keeps them honest."""
