"""The Algorithmic Impact Assessment: drafted, and scored as officially."""
