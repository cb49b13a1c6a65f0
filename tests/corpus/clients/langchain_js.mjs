// LangChain for JavaScript: a chat model, a stream, an agent with a tool, a failure; instrumented by OpenInference.

import * as manager from "@langchain/core/callbacks/manager";
import { ChatOpenAI } from "@langchain/openai";
import { createAgent, tool } from "langchain";
import { LangChainInstrumentation } from "@arizeai/openinference-instrumentation-langchain";
import { provider, start, talk } from "./otel.mjs";

const sdk = start();
const instrumentation = new LangChainInstrumentation({ tracerProvider: sdk.tracers });
instrumentation.manuallyInstrument(manager);

const model = new ChatOpenAI({
  model: "gpt-4o",
  apiKey: "corpus",
  maxRetries: 0,
  streamUsage: true,
  configuration: { baseURL: `${provider}/v1` },
});
const find = tool(async () => JSON.stringify(talk.tool_result), {
  name: talk.tool_name,
  description: talk.tool_description,
  schema: talk.tool_parameters,
});
const config = { metadata: { session_id: talk.session_id, user_id: talk.user_id, manager: talk.metadata_email } };
const messages = (turn) => [["system", talk.system], ["human", talk.turns[turn]]];

await model.invoke(messages("plain"), config);
for await (const _ of await model.stream(messages("stream"), config));
const agent = createAgent({ model, tools: [find], systemPrompt: talk.system });
await agent.invoke({ messages: [{ role: "user", content: talk.turns.tool_request }] }, config);
await model.invoke(messages("failing"), config).catch(() => {});
await sdk.stop();
