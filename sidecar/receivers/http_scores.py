"""`POST /v1/scores`: quality scores that come by themselves. The format is in `processors/genai/score_report.py`."""

from __future__ import annotations

import json
from typing import Final

from processors.genai.score_report import ScoreReportError, TooManyReports, parse_reports
from sidecar.intake import BadData, Intake, TooLarge

MAX_BODY_BYTES: Final = 4 * 1024 * 1024


async def take_scores(intake: Intake, body: bytes) -> bytes:
    """The JSON answer once all are kept. Raises BadData or TooLarge, and what the intake raises."""
    try:
        reports = parse_reports(body)
    except TooManyReports as error:
        raise TooLarge(str(error)) from None
    except ScoreReportError as error:
        raise BadData(str(error)) from None
    matched = await intake.accept_scores(body, reports) if reports else 0
    return json.dumps({"accepted": len(reports), "matched": matched}).encode()
