"""Which of a model's prices hold for a request: standard, flex, priority, fast or batch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

_TIERS: Final[Mapping[str, str]] = {
    "batch": "batch",
    "batches": "batch",
    "fast": "fast",
    "flex": "flex",
    "priority": "priority",
    "service_tier_batch": "batch",
    "service_tier_flex": "flex",
    "service_tier_priority": "priority",
}

_CONTEXTS: Final[Mapping[str, Mapping[str, str]]] = {
    "batch": {"processing": "batch"},
    "fast": {"service_tier": "fast"},
    "flex": {"service_tier": "flex"},
    "priority": {"service_tier": "priority"},
}


def normal_tier(reported: str | None) -> str | None:
    """The tier that a span names, if its prices may differ from the standard ones; None for `default`, `auto` and all others."""
    return _TIERS.get(reported.strip().lower()) if reported else None


def price_context(tier: str | None) -> Mapping[str, str] | None:
    """What genai-prices calls the tier (`PriceContext`)."""
    return None if tier is None else _CONTEXTS[tier]
