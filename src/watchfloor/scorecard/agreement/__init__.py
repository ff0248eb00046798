"""Whether a department agreed to a figure: acts, what stands of them, and what may appear."""
