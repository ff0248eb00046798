"""A floor that lies on a PostgreSQL server: its catalogue, its files, its writers' turns, the way there."""
