"""The register of removals: what an order rests on, its clocks, what due process is open, and its tables.

Nothing here orders a removal, and nothing scores a person. A hold wins over everything.
"""
