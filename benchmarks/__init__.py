"""Measures what the sidecar costs. `python -m benchmarks` prints CPU per span beside a pass-through peer."""
