"""What follows from a lead: tasks for units, the watch and its log, intelligence reports."""
