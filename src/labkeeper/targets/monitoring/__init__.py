"""What the programs that watch a lab read."""
