from __future__ import annotations

import pytest

from processors.prices.service_tier import normal_tier, price_context


@pytest.mark.parametrize(
    ("reported", "tier", "context"),
    [
        ("flex", "flex", {"service_tier": "flex"}),
        ("Priority ", "priority", {"service_tier": "priority"}),
        ("fast", "fast", {"service_tier": "fast"}),
        ("batch", "batch", {"processing": "batch"}),
        ("SERVICE_TIER_FLEX", "flex", {"service_tier": "flex"}),
        ("default", None, None),
        ("auto", None, None),
        ("standard", None, None),
        ("on_demand", None, None),
        ("anything else", None, None),
        ("", None, None),
        (None, None, None),
    ],
)
def test_tiers(reported: str | None, tier: str | None, context: dict[str, str] | None) -> None:
    """Those with prices of their own, whatever the spelling; all others cost what a plain call costs."""
    assert normal_tier(reported) == tier
    assert price_context(tier) == context
