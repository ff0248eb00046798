"""Intelligence reports: drafted from leads, disseminated, recalled."""
