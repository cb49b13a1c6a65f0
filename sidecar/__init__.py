"""How telemetry gets in, waits, and gets out. What happens to it meanwhile is in `processors`."""
