"""The conversation in a span or log record, in one form whatever the dialect: messages, tool definitions, template."""
