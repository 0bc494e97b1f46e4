"""Backups by restic and borg: made, read again, restored to see that it works, and accounted for.

labkeeper writes no format of its own: what it keeps, either program restores without it.
"""
