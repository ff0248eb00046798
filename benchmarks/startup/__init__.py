"""How long commands take to answer, and how long the first demo of a machine takes."""
