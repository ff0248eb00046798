"""The substances desk: goods and parties that the law on controlled substances speaks of."""
