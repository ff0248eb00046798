"""Satellites over the line: when each kilometre can be seen, which gaps remain, which passes to order."""
