"""Identification: which substances of a library a sample holds, how much of its signal each is, and what is left."""
