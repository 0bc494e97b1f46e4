"""Benchmarks: whole processes, interleaved, medians, beside the peers that are installed."""
