"""Who finds names and places: a model of the project's own, or any installed spaCy pipeline by its name."""
