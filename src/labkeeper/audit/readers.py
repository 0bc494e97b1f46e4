"""Which reader reads what: the table that a new reader is added to."""
