"""The law on controlled substances, as dated facts: items of the schedules, structures, who else controls
what.
"""
