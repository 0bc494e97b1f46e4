"""What labkeeper itself exposes: values to Prometheus's text, by the catalog's own contract."""
