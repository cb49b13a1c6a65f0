"""Where telemetry waits: the journal before a decision, the outbox after it.

Both are used through the protocols in `interfaces.py`. This version keeps them in memory: nothing survives a restart.
"""
