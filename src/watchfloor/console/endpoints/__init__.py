"""Endpoints: what can be asked of the console, as a page, as a form and in the API."""
