"""Exhibits: acts on them, the Act's clocks, mass balance, papers; and the seizures of an operation."""
