"""The transform stage: kept telemetry through the processors, in a process that may hang, leak or crash alone."""
