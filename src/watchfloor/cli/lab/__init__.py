"""Commands about instruments and spectra."""
