// An app with the OpenTelemetry SDK for Node.js at its defaults: batch processors, timeouts, retries.
//
//   node send.mjs grpc|proto|json PORT
//
// Each line on standard input is a number of traces to record. When the SDK has flushed them, one line of JSON tells
// which spans and how many log records its exporter reported as delivered, and which it gave up.
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';

const require = createRequire(import.meta.url);
const { SpanKind, SpanStatusCode, context, trace } = require('@opentelemetry/api');
const { resourceFromAttributes } = require('@opentelemetry/resources');
const { BatchLogRecordProcessor, LoggerProvider } = require('@opentelemetry/sdk-logs');
const { MeterProvider, PeriodicExportingMetricReader } = require('@opentelemetry/sdk-metrics');
const { BatchSpanProcessor, NodeTracerProvider } = require('@opentelemetry/sdk-trace-node');

const [way, port] = process.argv.slice(2);
const kind = { grpc: 'grpc', proto: 'proto', json: 'http' }[way];
const exporter = (signal, name) => {
  const url = `http://127.0.0.1:${port}${way === 'grpc' ? '' : `/v1/${signal}`}`;
  const made = require(`@opentelemetry/exporter-${signal === 'traces' ? 'trace' : signal}-otlp-${kind}`)[name];
  return new made({ url });
};

const outcome = { delivered: [], given_up: [], log_records: 0 };
const unanswered = new Set();
const recording = (inner, note) => {
  const send = inner.export.bind(inner);
  inner.export = (items, done) => {
    const answered = new Promise((resolve) => send(items, (result) => {
      note(items, result.code === 0);
      resolve();
      done(result);
    })).then(() => unanswered.delete(answered));
    unanswered.add(answered);
  };
  return inner;
};
const noteSpans = (spans, ok) =>
  (ok ? outcome.delivered : outcome.given_up).push(...spans.map((span) => span.spanContext().spanId));

const resource = resourceFromAttributes({ 'service.name': 'node-shop' });
const tracers = new NodeTracerProvider({
  resource,
  spanProcessors: [new BatchSpanProcessor(recording(exporter('traces', 'OTLPTraceExporter'), noteSpans))],
});
const logExporter = recording(exporter('logs', 'OTLPLogExporter'), (records, ok) => {
  outcome.log_records += ok ? records.length : 0;
});
const loggers = new LoggerProvider({ resource, processors: [new BatchLogRecordProcessor({ exporter: logExporter })] });
const meters = new MeterProvider({
  resource,
  readers: [new PeriodicExportingMetricReader({ exporter: exporter('metrics', 'OTLPMetricExporter') })],
});
const tracer = tracers.getTracer('node-client', '1.2.3');
const logger = loggers.getLogger('node-client');
const calls = meters.getMeter('node-client').createCounter('calls');

function record(number) {
  const root = tracer.startSpan('POST /chat', { kind: SpanKind.SERVER, attributes: { number } });
  const inside = trace.setSpan(context.active(), root);
  const call = tracer.startSpan('chat gpt-4o-mini', {
    kind: SpanKind.CLIENT,
    links: [{ context: root.spanContext(), attributes: { why: 'test' } }],
    attributes: {
      'gen_ai.operation.name': 'chat', 'gen_ai.provider.name': 'openai', 'gen_ai.request.model': 'gpt-4o-mini',
      'gen_ai.usage.input_tokens': 120, 'gen_ai.usage.output_tokens': 30, 'gen_ai.request.temperature': 0.25,
      'app.flags': [true, false], 'app.sizes': [1, 2, 3], 'app.text': 'grün 🌱', 'app.empty': '',
    },
  }, inside);
  call.addEvent('choice', { index: 0 });
  if (number % 10 === 0) call.setStatus({ code: SpanStatusCode.ERROR, message: 'timeout' });
  call.end();
  logger.emit({ body: `request ${number}`, attributes: { number }, context: inside });
  root.end();
  calls.add(1, { model: 'gpt-4o-mini' });
}

for await (const line of createInterface({ input: process.stdin })) {
  for (let number = 0; number < Number(line); number++) record(number);
  await Promise.allSettled([tracers.forceFlush(), loggers.forceFlush(), meters.forceFlush()]);
  await Promise.all(unanswered); // a batch that was under way before the flush is none of its business
  console.log(JSON.stringify(outcome));
  outcome.delivered = [];
  outcome.given_up = [];
  outcome.log_records = 0;
}
await Promise.allSettled([tracers.shutdown(), loggers.shutdown(), meters.shutdown()]);
