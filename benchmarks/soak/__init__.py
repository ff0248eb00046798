"""kill -9 over a whole working day: what was acknowledged is there, what was not is whole or absent."""
