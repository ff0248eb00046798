"""Forms that departments fill in, sign with their own key, and send back."""
