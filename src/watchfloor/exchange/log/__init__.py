"""The log for others: access histories, what laws ask of it, and the log handed over."""
