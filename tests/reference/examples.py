"""One example for a section, by its path. Each is part of a file from its root on, and valid."""

from __future__ import annotations

from typing import Final

_CONFIG: Final = {
    "": """
exporters:
  otlp/backend:
    endpoint: https://backend.example.com:4317
""",
    "receivers.otlp.protocols.grpc": """
receivers:
  otlp:
    protocols:
      grpc:
        endpoint: 0.0.0.0:4317
        keepalive:
          server_parameters: {max_connection_age: 10m}
""",
    "receivers.otlp.protocols.http": """
receivers:
  otlp:
    protocols:
      http:
        endpoint: 0.0.0.0:4318
        read_timeout: 10s
""",
    "receivers.otlp.protocols.*.tls": """
receivers:
  otlp:
    protocols:
      grpc:
        tls:
          cert_file: /etc/genai-sidecar/tls/tls.crt
          key_file: /etc/genai-sidecar/tls/tls.key
""",
    "receivers.otlp.protocols.*.auth": """
receivers:
  otlp:
    protocols:
      http:
        auth: {bearer_token: "${env:RECEIVER_TOKEN}"}
""",
    "exporters.otlp": """
exporters:
  otlp/backend:
    endpoint: ${env:BACKEND_ENDPOINT}
    headers: {authorization: "Bearer ${env:BACKEND_TOKEN}"}
""",
    "exporters.otlphttp": """
exporters:
  otlphttp/backend:
    endpoint: https://backend.example.com/otlp
    headers: {x-api-key: "${env:BACKEND_KEY}"}
""",
    "exporters.file": """
exporters:
  file: {path: traces.jsonl}
""",
    "exporters.debug": """
exporters:
  debug: {verbosity: normal}
""",
    "exporters.*.retry_on_failure": """
exporters:
  otlp/backend:
    endpoint: backend:4317
    retry_on_failure: {max_interval: 1m, max_elapsed_time: 6h}
""",
    "exporters.*.sending_queue": """
exporters:
  otlp/backend:
    endpoint: backend:4317
    sending_queue: {queue_size_mib: 4096}
""",
    "exporters.*.tls": """
exporters:
  otlp/backend:
    endpoint: backend.internal:4317
    tls: {ca_file: /etc/genai-sidecar/tls/ca.crt}
""",
    "storage": """
storage:
  directory: /var/lib/genai-sidecar
  max_size_mib: 4096
""",
    "admin": """
admin: {endpoint: 0.0.0.0:8888}
""",
}

_POLICY: Final = {
    "": """
version: 1
sampling:
  decision_wait: 10s
""",
    "pii": """
pii:
  entities: {PERSON: mask, DATE_TIME: replace}
  allow: [support@example.com]
  attributes: {scrub: [app.user_note], drop: [app.raw_request], keep: ["app.public_*"]}
""",
    "pii.entities.*": """
pii:
  entities:
    EMAIL_ADDRESS: remove
    CREDIT_CARD: {action: mask, keep_last: 4}
""",
    "prompts": """
prompts:
  hash: {algorithm: sha256}
  retain_content: {error: 1.0, low_score: 1.0, default: 0.1}
""",
    "sampling": """
sampling:                                 # these are the defaults
  decision_wait: 30s
  decision_wait_after_root_received: 2s
  late_window: 10m
  policies:
    - {name: errors, type: status_code, status_code: {status_codes: [ERROR]}}
    - {name: low-score, type: score, score: {below: 0.5}}
    - {name: routine, type: probabilistic, probabilistic: {sampling_percentage: 10}}
""",
    "cost": """
cost:
  attributes: [gen_ai.usage.cost, langfuse]
""",
    "cost.prices[]": """
cost:
  prices:
    - {provider: vllm, model: "llama-*", input_per_million: 0.20, output_per_million: 0.20}
    - {provider: azure, model: my-deployment, same_as: openai/gpt-4o}
""",
}

_SAMPLING: Final = {
    "always_sample": "{name: all, type: always_sample}",
    "boolean_attribute": "{name: flagged, type: boolean_attribute, boolean_attribute: {key: app.flagged, value: true}}",
    "latency": "{name: slow, type: latency, latency: {threshold_ms: 5000}}",
    "numeric_attribute": """\
name: long-answers
      type: numeric_attribute
      numeric_attribute: {key: gen_ai.usage.output_tokens, min_value: 4000}""",
    "probabilistic": "{name: routine, type: probabilistic, probabilistic: {sampling_percentage: 10}}",
    "score": '{name: unsafe, type: score, score: {above: 0.7, names: ["toxicity*"], labels: [fail]}}',
    "span_count": "{name: loops, type: span_count, span_count: {min_spans: 100}}",
    "status_code": "{name: errors, type: status_code, status_code: {status_codes: [ERROR]}}",
    "string_attribute": """\
name: paying
      type: string_attribute
      string_attribute: {key: app.plan, values: [team, enterprise]}""",
    "agent_loop": "{name: loops, type: agent_loop, agent_loop: {same_call: 5, max_depth: 20}}",
    "bytes_limiting": "{name: some, type: bytes_limiting, bytes_limiting: {bytes_per_second: 1000000}}",
    "cost": "{name: dear, type: cost, cost: {above_usd: 0.50}}",
    "ema_dynamic": """\
name: every-kind
      type: ema_dynamic
      ema_dynamic: {goal_sampling_percentage: 5, key_fields: [gen_ai.request.model, error.type]}""",
    "error_type": '{name: overloaded, type: error_type, error_type: {types: [rate_limit, timeout, "openai.*"]}}',
    "finish_reason": "{name: cut-off, type: finish_reason, finish_reason: {reasons: [length, content_filter]}}",
    "new_prompt": "{name: new-prompts, type: new_prompt, new_prompt: {traces: 20}}",
    "ottl_condition": """\
name: slow-search
      type: ottl_condition
      ottl_condition:
        span: ['name == "search" and attributes["app.hits"] == 0']""",
    "pii": "{name: cards, type: pii, pii: {entity_types: [CREDIT_CARD]}}",
    "rate_limiting": "{name: some, type: rate_limiting, rate_limiting: {spans_per_second: 50}}",
    "tokens": "{name: large, type: tokens, tokens: {input_above: 100000}}",
    "ttft": "{name: slow-start, type: ttft, ttft: {threshold_ms: 3000}}",
    "user_feedback": "{name: complaints, type: user_feedback, user_feedback: {rating: negative}}",
    "trace_flags": "{name: sampled-by-app, type: trace_flags}",
    "trace_state": "{name: chosen, type: trace_state, trace_state: {key: vendor, values: [keep]}}",
    "and": """\
name: a-share-of-the-slow
      type: and
      and:
        and_sub_policy:
          - {name: slow, type: latency, latency: {threshold_ms: 5000}}
          - {name: half, type: probabilistic, probabilistic: {sampling_percentage: 50}}""",
    "composite": """\
name: shared-out
      type: composite
      composite:
        max_total_spans_per_second: 100
        composite_sub_policy:
          - {name: errors, type: status_code, status_code: {status_codes: [ERROR]}}
          - {name: the-rest, type: always_sample}
        rate_allocation:
          - {policy: errors, percent: 60}
          - {policy: the-rest, percent: 40}""",
    "drop": """\
name: health-checks
      type: drop
      drop:
        drop_sub_policy:
          - {name: path, type: string_attribute, string_attribute: {key: url.path, values: [/healthz]}}""",
    "not": """\
name: not-internal
      type: not
      not:
        not_sub_policy: {name: internal, type: boolean_attribute, boolean_attribute: {key: app.internal, value: true}}""",
}

EXAMPLES: Final = {
    "config": _CONFIG,
    "policy": {
        **_POLICY,
        **{
            f"sampling.policies[]:{name}": f"\nsampling:\n  policies:\n    - {policy}\n"
            for name, policy in _SAMPLING.items()
        },
    },
}
"""`config` or `policy`, then `Section.id`."""
