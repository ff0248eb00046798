"""Imported by the process that those of the live floor are forked from, so that a new one is there at once.

Importing all that a fold needs takes a second, a fork some milliseconds. That process runs nothing and has no
threads of ours, so forking it is safe where forking a process at work is not.
"""

from watchfloor.cell.live import folding

folding.live_desks()
