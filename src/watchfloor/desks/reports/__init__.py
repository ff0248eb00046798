"""The reports desk: what people wrote of whom."""
