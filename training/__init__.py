"""Makes the project's model of names and places: `python -m training --help`, `docs/processors/pii-model.md`."""
