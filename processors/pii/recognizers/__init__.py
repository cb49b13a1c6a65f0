"""One file a form: each recognizer works without a model and without a connection."""
