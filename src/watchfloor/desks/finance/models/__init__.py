"""Models of payments: their inputs, scores and reasons, and what banks tell each other for them."""
