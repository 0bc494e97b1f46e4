"""The demo's surroundings."""
