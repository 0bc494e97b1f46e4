"""What the reverse proxy of a lab reads."""
