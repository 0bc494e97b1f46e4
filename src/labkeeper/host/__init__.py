"""The outside world, one program or kernel interface a file."""
