"""What labkeeper knows of apps and exporters: data, and its loader."""
