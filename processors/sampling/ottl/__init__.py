"""Conditions of the OpenTelemetry Transformation Language (OTTL) on spans and span events: a subset, with the meaning
that the Collector gives it. `grammar` parses, `compiler` makes one closure of a condition, once.
"""
