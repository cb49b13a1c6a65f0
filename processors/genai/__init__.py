"""What a span says about a model call: dialect tables, where content is, usage, messages, scores.

Importing this package loads neither price lists nor language models: the ingesting process uses it too.
"""
