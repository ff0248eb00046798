"""Everything a person can do, each action once: its request, its answer, and the function between them.

The faces are made from these rows: the commands of `cli`, the pages, the forms and the JSON API of `console`.
An action computes; a face asks, prints and knows nothing of what is asked.
"""
