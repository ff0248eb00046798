"""Published statistics: tables of U.S. Customs and Border Protection, and any other by a mapping."""
