"""Benchmarks beside peers: `./dev bench NAME`."""
