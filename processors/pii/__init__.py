"""Detects personal data, acts on it, and walks structured content to get there. Importing this loads no model."""
