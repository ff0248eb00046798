"""TAXII 2.1 (OASIS Standard, 10 June 2021): a server over partners' shelves, and a client."""
