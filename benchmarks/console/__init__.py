"""The console, driven as officers drive it."""
