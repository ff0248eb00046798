"""Pictures of the ground from above: scenes of satellites, their pixels and what is known of them."""
