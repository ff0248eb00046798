"""Identification: which substances of a library a sample holds, their shares of its signal, and the rest."""
