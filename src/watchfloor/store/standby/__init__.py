"""A standby: a copy of a floor in a folder that follows it by its write-ahead log, and takes its place.

The primary ships to a shared folder, encrypted to the standby and signed by the floor: a *base*, which is the
whole catalogue, then *frames*, the pages of each group commit, and every file that the catalogue names. The
standby checks the signature, the log's root and that the log only grew. It is no floor until it is promoted:
its settings lie under another name.
"""
