"""Who may see what: policy as pure functions of a reader and markings."""
