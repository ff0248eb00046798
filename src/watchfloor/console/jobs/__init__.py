"""Jobs: long work that a page starts and does not wait for, and the files it works on."""
