"""Moving, verifying and cleaning files so that none is ever lost."""
