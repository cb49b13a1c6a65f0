// Vercel's AI SDK, versions 4 to 7: text, a stream, a tool that is called, a failure, an embedding.

import * as ai from "ai";
import { createOpenAI } from "@ai-sdk/openai";
import { provider, start, talk } from "./otel.mjs";

const major = Number(process.argv[2]);
const sdk = start();
const openai = createOpenAI({ baseURL: `${provider}/v1`, apiKey: "corpus", compatibility: "strict" });
const model = openai.chat("gpt-4o");
if (major >= 7) {
  const { OpenTelemetry, LegacyOpenTelemetry } = await import("@ai-sdk/otel");
  ai.registerTelemetry(process.env.CORPUS_LEGACY ? new LegacyOpenTelemetry() : new OpenTelemetry());
}

const metadata = { userId: talk.user_id, sessionId: talk.session_id, manager: talk.metadata_email };
const telemetry = { isEnabled: true, functionId: talk.feature, metadata };
const schema = ai.jsonSchema(talk.tool_parameters);
const find = ai.tool({
  description: talk.tool_description,
  inputSchema: schema,
  parameters: schema,
  execute: async () => talk.tool_result,
});

function about(turn, more = {}) {
  return {
    model,
    system: talk.system,
    instructions: talk.system,
    messages: [{ role: "user", content: talk.turns[turn] }],
    maxRetries: 0,
    experimental_telemetry: telemetry,
    telemetry: { ...telemetry, recordInputs: true, recordOutputs: true },
    ...(major === 4 ? { instructions: undefined } : {}),
    ...more,
  };
}

await ai.generateText(about("plain"));
const streamed = ai.streamText(about("stream"));
for await (const _ of streamed.textStream);
const steps = major === 4 ? { maxSteps: 2 } : { stopWhen: (ai.stepCountIs ?? ai.isStepCount)(2) };
await ai.generateText(about("tool_request", { tools: { [talk.tool_name]: find }, ...steps }));
await ai.generateText(about("failing")).catch(() => {});
const embedding = (openai.textEmbeddingModel ?? openai.embeddingModel)("text-embedding-3-small");
const { system, messages, model: _, ...rest } = about("plain");
await ai.embed({ ...rest, model: embedding, value: talk.embedded });
await sdk.stop();
