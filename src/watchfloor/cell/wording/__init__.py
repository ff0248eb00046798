"""Wording: titles, dates, words of probability and papers, in either language."""
