"""How a client is instrumented. Each setup is a context manager: what is done in it is recorded, and sent at its end."""

# ruff: noqa: PLC0415  # each setup imports what only its own environment has
# mypy: disable-error-code="import-not-found,import-untyped,no-untyped-call,attr-defined,no-any-return"

from __future__ import annotations

import importlib
import os
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

from tests.corpus import planted
from tests.corpus.conversation import FEATURE, SESSION_ID

CALLBACKS: list[Any] = []
"""What a setup wants LangChain and the like to be told."""


def instrumented(setup: str) -> AbstractContextManager[None]:
    if ":" in setup:
        return _instrumentors(setup)
    found: Callable[[], AbstractContextManager[None]] = globals()[setup]
    return found()


@contextmanager
def otel_sdk() -> Iterator[None]:
    """OpenTelemetry's own SDK with all three signals, for what instruments itself."""
    from opentelemetry import metrics, trace
    from opentelemetry._logs import set_logger_provider
    from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
    from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk._logs import LoggerProvider
    from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
    from opentelemetry.sdk.metrics import MeterProvider
    from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    tracers, loggers = TracerProvider(), LoggerProvider()
    tracers.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    loggers.add_log_record_processor(BatchLogRecordProcessor(OTLPLogExporter()))
    meters = MeterProvider([PeriodicExportingMetricReader(OTLPMetricExporter(), 3_600_000)])
    trace.set_tracer_provider(tracers)
    set_logger_provider(loggers)
    metrics.set_meter_provider(meters)
    try:
        yield
    finally:
        for provider in (tracers, loggers, meters):
            provider.shutdown()


@contextmanager
def _instrumentors(names: str) -> Iterator[None]:
    """`module:Class`, several with a `+` between them."""
    with otel_sdk():
        for name in names.split("+"):
            module, _, kind = name.partition(":")
            getattr(importlib.import_module(module), kind)().instrument()
        with _attribution(names):
            yield


def _attribution(names: str) -> AbstractContextManager[Any]:
    """Who calls, as each family spells it."""
    if names.startswith("openinference."):
        from openinference.instrumentation import using_attributes

        return using_attributes(
            session_id=SESSION_ID,
            user_id=planted.USER_ID,
            metadata={"manager": planted.METADATA_EMAIL},
            tags=[FEATURE],
        )
    return nullcontext()


def provider() -> str:
    """Address of the fake endpoints."""
    return os.environ["CORPUS_PROVIDER"]


@contextmanager
def openlit() -> Iterator[None]:
    import openlit as sdk

    with otel_sdk():
        sdk.init(application_name="corpus", environment="test", otlp_endpoint=os.environ["CORPUS_OTLP"])
        yield


@contextmanager
def traceloop() -> Iterator[None]:
    from traceloop.sdk import Traceloop

    Traceloop.init(app_name="corpus", api_endpoint=os.environ["CORPUS_OTLP"], api_key="corpus", disable_batch=True)
    Traceloop.set_association_properties(
        {"user_id": planted.USER_ID, "session_id": SESSION_ID, "manager": planted.METADATA_EMAIL}
    )
    yield


@contextmanager
def langfuse() -> Iterator[None]:
    import langfuse as sdk

    client = sdk.Langfuse(public_key="pk-lf-corpus", secret_key="sk-lf-corpus", base_url=os.environ["CORPUS_OTLP"])
    about = {"user_id": planted.USER_ID, "session_id": SESSION_ID, "tags": [FEATURE]}
    with sdk.propagate_attributes(metadata={"manager": planted.METADATA_EMAIL}, **about):
        yield
    client.flush()


@contextmanager
def langfuse_langchain() -> Iterator[None]:
    from langfuse.langchain import CallbackHandler

    with langfuse():
        CALLBACKS.append(CallbackHandler())
        yield


@contextmanager
def pydantic_ai() -> Iterator[None]:
    """In the version of its format that CORPUS_VERSION names."""
    from pydantic_ai import Agent
    from pydantic_ai.models.instrumented import InstrumentationSettings

    with otel_sdk():
        Agent.instrument_all(InstrumentationSettings(version=int(os.environ["CORPUS_VERSION"])))
        yield


@contextmanager
def logfire() -> Iterator[None]:
    """Its own wrappers of OpenAI's and Anthropic's SDKs."""
    import logfire as sdk

    sdk.configure(send_to_logfire=False, console=False, service_name="corpus", inspect_arguments=False)
    for name in os.environ["CORPUS_INSTRUMENT"].split():
        getattr(sdk, f"instrument_{name}")()
    with sdk.set_baggage(user_id=planted.USER_ID):
        yield
    sdk.shutdown()


@contextmanager
def langsmith() -> Iterator[None]:
    os.environ |= {"LANGSMITH_TRACING": "true", "LANGSMITH_OTEL_ENABLED": "true", "LANGSMITH_OTEL_ONLY": "true"}
    with otel_sdk():
        yield
        from langchain_core.tracers.langchain import wait_for_all_tracers

        wait_for_all_tracers()
        import langsmith.run_trees

        langsmith.run_trees.get_cached_client().flush()


@contextmanager
def mlflow() -> Iterator[None]:
    """Its autologging of the library that CORPUS_INSTRUMENT names, exported over OTLP."""
    os.environ["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"] = os.environ["CORPUS_OTLP"] + "/v1/traces"
    import mlflow as sdk

    sdk.set_tracking_uri("sqlite:///mlflow.db")
    importlib.import_module(f"mlflow.{os.environ['CORPUS_INSTRUMENT']}").autolog()
    yield
    sdk.flush_trace_async_logging()


@contextmanager
def litellm() -> Iterator[None]:
    """Its callback for OpenTelemetry, which exports by itself."""
    os.environ |= {
        "OTEL_EXPORTER": "otlp_http",
        "OTEL_ENDPOINT": os.environ["CORPUS_OTLP"] + "/v1/traces",
        "LITELLM_OTEL_INTEGRATION_ENABLE_EVENTS": "true",
        "LITELLM_LOCAL_MODEL_COST_MAP": "True",
    }
    import litellm as sdk

    sdk.callbacks = ["otel"]
    yield
    time.sleep(2)
    from opentelemetry import trace

    trace.get_tracer_provider().force_flush()


@contextmanager
def native() -> Iterator[None]:
    with otel_sdk():
        yield


@contextmanager
def agent_framework() -> Iterator[None]:
    from agent_framework.observability import enable_instrumentation

    with otel_sdk():
        enable_instrumentation(enable_sensitive_data=True)
        yield


@contextmanager
def haystack() -> Iterator[None]:
    """Its own tracer, with content."""
    from haystack import tracing
    from haystack.tracing.opentelemetry import OpenTelemetryTracer
    from opentelemetry import trace

    with otel_sdk():
        tracing.tracer.is_content_tracing_enabled = True
        tracing.enable_tracing(OpenTelemetryTracer(trace.get_tracer("haystack")))
        yield


@contextmanager
def laminar() -> Iterator[None]:
    from lmnr import Laminar

    address, _, port = os.environ["CORPUS_OTLP"].rpartition(":")
    Laminar.initialize(project_api_key="corpus", base_url=address, http_port=int(port), force_http=True)
    with Laminar.start_as_current_span("conversation"):
        Laminar.set_trace_user_id(planted.USER_ID)
        Laminar.set_trace_session_id(SESSION_ID)
        Laminar.set_trace_metadata({"manager": planted.METADATA_EMAIL})
        yield
    Laminar.flush()


@contextmanager
def agentops() -> Iterator[None]:
    import agentops as sdk

    address = os.environ["CORPUS_OTLP"]
    sdk.init(
        api_key="00000000-0000-4000-8000-000000000000",
        endpoint=address,
        exporter_endpoint=f"{address}/v1/traces",
        default_tags=[FEATURE],
        fail_safe=True,
    )
    yield
    sdk.end_trace()


@contextmanager
def semantic_kernel() -> Iterator[None]:
    """Its messages are records of Python's logging."""
    import logging

    with otel_sdk():
        from opentelemetry._logs import get_logger_provider
        from opentelemetry.sdk._logs import LoggingHandler

        logger = logging.getLogger("semantic_kernel")
        logger.setLevel(logging.INFO)
        logger.addHandler(LoggingHandler(logger_provider=get_logger_provider()))
        yield


@contextmanager
def refused() -> Iterator[None]:
    """Takes the endpoint's refusal, as whatever the library makes of it."""
    try:
        yield
    except Exception as error:
        if "Invalid request" not in "".join(traceback.format_exception(error)):
            raise
