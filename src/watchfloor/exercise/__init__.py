"""The exercise: a seeded, generated day of feeds with known storylines, benign look-alikes and an answer key."""
