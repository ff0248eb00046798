"""Weighing: what each signal says of a hypothesis, in bits, and what they add up to."""
