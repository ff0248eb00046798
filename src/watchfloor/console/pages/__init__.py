"""One module a page: what is asked, what is given, and how the one comes of the other."""
