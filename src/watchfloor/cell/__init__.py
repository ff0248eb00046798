"""The cell: signals about one subject become a lead, weighed in the open and put into a queue."""
