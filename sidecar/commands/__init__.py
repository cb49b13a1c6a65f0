"""One module a subcommand of `genai-sidecar`; each has `main(options)`, which returns the exit code."""
