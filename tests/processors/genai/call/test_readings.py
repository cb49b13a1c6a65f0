from __future__ import annotations

from processors.genai.call import readings


def slots(key: str, scope: str = "") -> set[int]:
    return {slot for slot, _, _ in readings.readings_for(scope)[key] or ()}


def test_what_a_key_contributes() -> None:
    """Nothing, one thing, or several."""
    assert slots("http.method") == set()
    assert slots("gen_ai.input.messages") == set()
    assert slots("gen_ai.request.model") == {readings.MODEL_REQ}
    assert slots("gen_ai.agent.name") == {readings.AGENT, readings.FEATURE}
    assert slots("eval.tone.score") == {readings.SCORE}


def test_bare_keys_mean_something_under_their_scope_only() -> None:
    """`model` and `input_tokens` are anybody's words."""
    assert slots("input_tokens") == slots("stream") == set()
    assert readings.COUNTS in slots("input_tokens", "com.anthropic.claude_code.tracing")
    assert slots("stream", "mlflow.openai") == {readings.STREAM}


def test_names_beside_names() -> None:
    """An agent's version is not its name, a prompt's vendor not the prompt's."""
    for key in ("gen_ai.agent.version", "prompt.vendor", "traceloop.entity.version"):
        assert not slots(key) & {readings.AGENT, readings.PROMPT_NAME}


def test_readings_are_remembered() -> None:
    """For all scopes that the same dialects claim."""
    assert readings.readings_for("some.scope") is readings.readings_for("another.scope")
    assert readings.readings_for("ai") is not readings.readings_for("another.scope")
