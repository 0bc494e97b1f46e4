"""Keeping a machine's tiers: what is due, why, and how it went."""
