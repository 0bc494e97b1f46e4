"""Moving, cleaning and bringing back files without losing one."""
