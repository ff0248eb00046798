"""Space: changes on the ground that scenes from orbit show, told as places to look at."""
