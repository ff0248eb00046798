"""The weekly page: its words, HTML, text, PDF, machine-readable twin and signature."""
