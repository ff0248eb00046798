"""Formats of instruments: spectra, ion mobility, test strips, dogs, screening images."""
