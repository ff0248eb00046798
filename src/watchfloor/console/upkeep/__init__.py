"""Upkeep of a floor by schedule: expiry, runs of the desks, refits, backups with restore drills."""
