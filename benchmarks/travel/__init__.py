"""Benchmarks of travel documents: `./dev bench travel.mrz`."""
