"""Semantic conventions that are not about models, and quote people all the same: HTTP, databases, processes, exceptions.

`http.request.body` of a model's client is the whole conversation. The rest stays where content is removed.
"""

from __future__ import annotations

from typing import Final

from processors.genai.dialects.dialect import Dialect, Key
from processors.genai.roles import Format, Role

GENERAL: Final = Dialect(
    "general",
    title="OpenTelemetry semantic conventions of HTTP, databases, processes and exceptions",
    keys=(
        # Content
        Key("http.request.body", Role.RAW, Format.PLAIN_OR_JSON),
        Key("http.request.body.content", Role.RAW, Format.PLAIN_OR_JSON),
        Key("http.request.body.text", Role.RAW, Format.PLAIN_OR_JSON),
        Key("http.response.body", Role.RAW, Format.PLAIN_OR_JSON),
        Key("http.response.body.content", Role.RAW, Format.PLAIN_OR_JSON),
        Key("http.response.body.text", Role.RAW, Format.PLAIN_OR_JSON),
        Key("messaging.message.body", Role.RAW, Format.PLAIN_OR_JSON),
        Key("baggage.*", Role.METADATA, Format.PLAIN),  # copied by span processors
        # Headers, one attribute each; those that hold keys are known by their last word
        Key("http.request.header.*", Role.HEADERS, Format.STRING_ARRAY),
        Key("http.response.header.*", Role.HEADERS, Format.STRING_ARRAY),
        Key("rpc.request.metadata.*", Role.HEADERS, Format.STRING_ARRAY),
        Key("rpc.response.metadata.*", Role.HEADERS, Format.STRING_ARRAY),
        # Errors
        Key("exception.message", Role.ERROR_TEXT, Format.PLAIN),
        Key("exception.stacktrace", Role.ERROR_TEXT, Format.PLAIN),
        Key("error.message", Role.ERROR_TEXT, Format.PLAIN),
        Key("otel.status_description", Role.ERROR_TEXT, Format.PLAIN),
        Key("exception.type", Role.MISC, Format.PLAIN),
        # Statements and command lines
        Key("db.statement", Role.STATEMENT, Format.PLAIN),
        Key("db.query.text", Role.STATEMENT, Format.PLAIN),
        Key("db.query.parameter.*", Role.STATEMENT, Format.PLAIN),
        Key("db.operation.parameter.*", Role.STATEMENT, Format.PLAIN),
        Key("db.query.result.*", Role.STATEMENT, Format.PLAIN_OR_JSON),
        Key("db.statement.parameters", Role.STATEMENT, Format.PLAIN_OR_JSON),
        Key("db.query.summary", Role.MISC, Format.PLAIN),
        Key("process.command_args", Role.STATEMENT, Format.STRING_ARRAY),
        Key("process.command_line", Role.STATEMENT, Format.PLAIN),
        Key("graphql.document", Role.STATEMENT, Format.PLAIN),
        # URLs
        Key("url.full", Role.URL, Format.URI),
        Key("url.query", Role.URL, Format.URI),
        Key("url.original", Role.URL, Format.URI),
        Key("http.url", Role.URL, Format.URI),  # until 1.20, like the next one
        Key("http.target", Role.URL, Format.URI),
        Key("http.request.header.referer", Role.URL, Format.URI),
        # Where in the code and on which thread
        Key("code.*", Role.MISC, Format.PLAIN),
        Key("thread.*", Role.MISC, Format.PLAIN),
        Key("exception.escaped", Role.MISC, Format.BOOL),
        # Whose call it is
        Key("user.email", Role.PERSONAL, Format.PLAIN),
        Key("user.full_name", Role.PERSONAL, Format.PLAIN),
        Key("user.name", Role.PERSONAL, Format.PLAIN),
        Key("process.owner", Role.PERSONAL, Format.PLAIN),
        Key("enduser.id", Role.USER_ID, Format.PLAIN),
        Key("enduser.pseudo.id", Role.USER_ID, Format.PLAIN),
        Key("tenant.id", Role.TENANT, Format.PLAIN),
        Key("organization.id", Role.TENANT, Format.PLAIN),
        Key("deployment.environment.name", Role.ENVIRONMENT, Format.PLAIN),
        Key("deployment.environment", Role.ENVIRONMENT, Format.PLAIN),
    ),
)
