"""Learning from outcomes: fits of the weight table, calibration, and the audit that keeps them honest."""
