"""Changes of the ground: series of each pixel, pairs of scenes, and the shapes of what changed."""
