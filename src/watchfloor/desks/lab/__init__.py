"""The laboratory desk: what was identified in a sample, and whether the law controls it."""
