"""The exercise: a generated day of feeds with known storylines, benign look-alikes and an answer key."""
