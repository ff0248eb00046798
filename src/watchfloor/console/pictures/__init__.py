"""Pictures: the queue of a view, made in a process of its own and served from Arrow."""
