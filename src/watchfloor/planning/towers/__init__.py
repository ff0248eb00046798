"""Towers: what can be seen from where over real terrain, and which sites together see most."""
