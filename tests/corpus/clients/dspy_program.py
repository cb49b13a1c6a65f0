"""DSPy: a predictor, and a ReAct program with a tool."""

# mypy: disable-error-code="import-not-found,import-untyped,no-untyped-call,attr-defined,untyped-decorator,misc"

from __future__ import annotations

from contextlib import suppress

import dspy
from dspy.utils.exceptions import AdapterParseError

from tests.corpus import conversation as talk
from tests.corpus.clients.setups import provider, refused


def run() -> None:
    model = dspy.LM("openai/gpt-4o", api_base=f"{provider()}/v1", api_key="corpus", cache=False, num_retries=0)
    dspy.configure(lm=model)

    def ask(turn: talk.Turn) -> None:
        model(messages=[{"role": "system", "content": talk.SYSTEM}, {"role": "user", "content": turn.user}])

    ask(talk.PLAIN)
    with suppress(AdapterParseError):  # the answer is not in the form that DSPy asks for
        dspy.Predict("question -> answer")(question=talk.RETRIEVAL.user + " " + talk.DOCUMENTS[0])
    with refused():
        ask(talk.FAILING)
    dspy.Embedder("openai/text-embedding-3-small", api_base=f"{provider()}/v1", api_key="corpus", caching=False)(
        [talk.EMBEDDED]
    )
