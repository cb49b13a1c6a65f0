"""The parts of `ModelCall`: how each fact is read from an attribute, whatever the dialect."""
