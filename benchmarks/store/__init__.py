"""The store beside plain SQLite, whole-file hashing and pymerkle: `./dev bench store [ROWS]`."""
