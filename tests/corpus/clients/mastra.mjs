// Mastra: an agent with a tool, a stream and a failure; its own OpenTelemetry exporter.

import { Agent } from "@mastra/core/agent";
import { Mastra } from "@mastra/core/mastra";
import { createTool } from "@mastra/core/tools";
import { Observability } from "@mastra/observability";
import { OtelExporter } from "@mastra/otel-exporter";
import { createOpenAI } from "@ai-sdk/openai";
import { z } from "zod";
import { provider, talk } from "./otel.mjs";

const find = createTool({
  id: talk.tool_name,
  description: talk.tool_description,
  inputSchema: z.object({ email: z.string(), phone: z.string() }),
  outputSchema: z.any(),
  execute: async () => talk.tool_result,
});
const model = createOpenAI({ baseURL: `${provider}/v1`, apiKey: "corpus" }).chat("gpt-4o");
const support = new Agent({
  id: "support",
  name: "support",
  instructions: talk.system,
  model,
  tools: { [talk.tool_name]: find },
  maxRetries: 0,
});
const exporter = new OtelExporter({
  provider: { custom: { endpoint: `${process.env.CORPUS_OTLP}/v1/traces`, protocol: "http/protobuf" } },
});
const observability = new Observability({ configs: { corpus: { serviceName: "corpus", exporters: [exporter] } } });
const mastra = new Mastra({ agents: { support }, observability, logger: false });

const agent = mastra.getAgent("support");
const tracingOptions = {
  metadata: { userId: talk.user_id, sessionId: talk.session_id, manager: talk.metadata_email },
};
await agent.generate(talk.turns.plain, { tracingOptions });
const stream = await agent.stream(talk.turns.stream, { tracingOptions });
for await (const _ of stream.textStream);
await agent.generate(talk.turns.tool_request, { tracingOptions });
await agent.generate(talk.turns.failing, { tracingOptions }).catch(() => {});
await new Promise((resolve) => setTimeout(resolve, 6000));
await mastra.shutdown?.();
await exporter.shutdown();
process.exit(0);
