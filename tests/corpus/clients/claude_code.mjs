// Claude Code without a terminal: one question and its answer, with logs and metrics of its own.

import { spawnSync } from "node:child_process";
import { provider, talk } from "./otel.mjs";

const env = {
  ...process.env,
  ANTHROPIC_BASE_URL: provider,
  ANTHROPIC_API_KEY: "corpus",
  ANTHROPIC_MODEL: "claude-sonnet-4-5-20250929",
  CLAUDE_CODE_ENABLE_TELEMETRY: "1",
  CLAUDE_CODE_ENHANCED_TELEMETRY_BETA: "1",
  CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
  CLAUDE_CODE_MAX_RETRIES: "0",
  DISABLE_AUTOUPDATER: "1",
  OTEL_METRICS_EXPORTER: "otlp",
  OTEL_LOGS_EXPORTER: "otlp",
  OTEL_TRACES_EXPORTER: "otlp",
  OTEL_LOG_USER_PROMPTS: "1",
  OTEL_LOG_TOOL_DETAILS: "1",
  OTEL_LOG_TOOL_CONTENT: "1",
  OTEL_METRIC_EXPORT_INTERVAL: "1000",
  OTEL_LOGS_EXPORT_INTERVAL: "500",
};
for (const turn of ["plain", "failing"]) {
  const options = ["-p", talk.turns[turn], "--system-prompt", talk.system, "--tools", ""];
  const done = spawnSync("claude", options, { env, encoding: "utf8", timeout: 60000, input: "" });
  if (done.status === null) throw done.error;
}
