"""Google's GenAI SDK: generateContent, embedContent."""

# mypy: disable-error-code="import-not-found,import-untyped,no-untyped-call,attr-defined"

from __future__ import annotations

from google import genai
from google.genai import types

from tests.corpus import conversation as talk
from tests.corpus.clients.setups import provider, refused


def run() -> None:
    client = genai.Client(api_key="corpus", http_options=types.HttpOptions(base_url=provider()))
    model = "gemini-2.5-flash"
    config = types.GenerateContentConfig(system_instruction=talk.SYSTEM, temperature=0.2)
    client.models.generate_content(model=model, contents=talk.PLAIN.user, config=config)
    for _ in client.models.generate_content_stream(model=model, contents=talk.STREAM.user, config=config):
        pass
    function = types.FunctionDeclaration(
        name=talk.TOOL_NAME, description=talk.TOOL_DESCRIPTION, parameters_json_schema=talk.TOOL_PARAMETERS
    )
    tools = [types.Tool(function_declarations=[function])]
    config = types.GenerateContentConfig(system_instruction=talk.SYSTEM, tools=tools)
    asked = types.Content(role="user", parts=[types.Part(text=talk.TOOL_REQUEST.user)])
    answer = client.models.generate_content(model=model, contents=[asked], config=config)
    result = types.Part.from_function_response(name=talk.TOOL_NAME, response=talk.TOOL_RESULT)
    history = [asked, answer.candidates[0].content, types.Content(role="user", parts=[result])]
    client.models.generate_content(model=model, contents=history, config=config)
    with refused():
        client.models.generate_content(model=model, contents=talk.FAILING.user, config=config)
    client.models.embed_content(model="gemini-embedding-001", contents=talk.EMBEDDED)
