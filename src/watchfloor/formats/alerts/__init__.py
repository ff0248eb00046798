"""Public alerts as authorities publish them."""
