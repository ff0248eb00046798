"""Disclosure to the Crown: everything relevant to a case, what is withheld with its ground, and proofs.

`relevance` finds what belongs to a case, `items` gives each thing its proof, `grounds` reads what people
state to keep things back, `withholding` follows that through, `leads` makes the leads of the rest again, and
`pack` writes the bundle that `verify.py` checks.
"""
