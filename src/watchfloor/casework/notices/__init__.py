"""Notices: what is new about the leads, subjects, places and saved views that a person follows."""
