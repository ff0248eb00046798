"""Commands of the travel desk."""
