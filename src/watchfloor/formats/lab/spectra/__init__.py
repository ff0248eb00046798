"""Spectra: files of instruments, and what one spectrum is."""
