"""What was found, as text for people and as JSON, SARIF and annotations for machines."""
