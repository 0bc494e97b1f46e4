"""What labkeeper remembers, in SQLite: the only room with SQL."""
