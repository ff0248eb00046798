"""What other nodes disclosed, as signals of this floor."""
