"""What a figure of the scorecard is worth, measured."""
