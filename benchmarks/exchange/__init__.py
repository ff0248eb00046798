"""Exchange with platforms of others, measured beside what they run."""
