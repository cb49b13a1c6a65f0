// OpenTelemetry's SDK for Node.js with an OTLP exporter, and what the clients know of the scenario.

import { trace } from "@opentelemetry/api";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-proto";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { BatchSpanProcessor, NodeTracerProvider } from "@opentelemetry/sdk-trace-node";

export const talk = JSON.parse(process.env.CORPUS_SCENARIO);
export const provider = process.env.CORPUS_PROVIDER;

export function start(makeProcessor = (exporter) => new BatchSpanProcessor(exporter)) {
  const exporter = new OTLPTraceExporter({ url: `${process.env.CORPUS_OTLP}/v1/traces` });
  const tracers = new NodeTracerProvider({
    resource: resourceFromAttributes({ "service.name": "corpus" }),
    spanProcessors: [makeProcessor(exporter)],
  });
  tracers.register();
  return { tracer: trace.getTracer("corpus"), tracers, stop: () => tracers.shutdown() };
}
