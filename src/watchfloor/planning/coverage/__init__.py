"""Coverage: how likely a crossing is seen, by kilometre of the line and hour, and by what."""
