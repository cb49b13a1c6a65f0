"""Tail sampling: which traces are kept, by which policy, and what a kept one stands for.

observe (request -> facts by trace) -> ledger (facts of the whole trace) -> decide -> stamp (kept spans)
"""
