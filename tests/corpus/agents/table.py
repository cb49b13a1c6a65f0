"""Which frameworks are recorded: rows of the corpus, by name, and the client that runs its scenarios."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final


@dataclass(frozen=True)
class Run:
    row: str
    """Of `tests/corpus/table.py`: instrumentation, packages, environment."""
    client: str
    """A module in `clients/`."""
    env: dict[str, str] = field(default_factory=dict)


RUNS: Final[tuple[Run, ...]] = (
    Run("openinference_openai_agents", "openai_agents_run"),
    Run("genai_openai_agents", "openai_agents_run"),
    Run("traceloop_openai_agents", "openai_agents_run"),
    Run("pydantic_ai_v5", "pydantic_ai_agents"),
    Run("openinference_langchain", "langgraph_agents"),
    Run("genai_langchain", "langgraph_agents", {"CORPUS_MIDDLEWARE": "1"}),
    Run("traceloop_langchain", "langgraph_agents"),
    Run("strands_latest", "strands_agents"),
    Run("google_adk_latest", "google_adk_agents"),
    Run("openinference_crewai", "crewai_crews"),
)
