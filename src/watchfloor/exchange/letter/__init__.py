"""Letters to a state that is no partner, searched for traces before they go."""
