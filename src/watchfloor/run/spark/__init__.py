"""A cluster as a runner: the driver's side, the workers' side, and the shared location between them."""
