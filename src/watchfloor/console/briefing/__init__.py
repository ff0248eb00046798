"""A lead on paper: what it says, and the page that says so as HTML and as PDF."""
