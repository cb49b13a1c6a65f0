// Gemini CLI without a terminal: questions and their answers, with telemetry of its own.

import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { provider, talk } from "./otel.mjs";

mkdirSync(`${process.env.HOME}/.gemini`);
const settings = { security: { auth: { selectedType: "gemini-api-key" } }, model: { maxAttempts: 1 } };
writeFileSync(`${process.env.HOME}/.gemini/settings.json`, JSON.stringify(settings));
const env = {
  ...process.env,
  GEMINI_API_KEY: "corpus",
  GOOGLE_GEMINI_BASE_URL: provider,
  GEMINI_TELEMETRY_ENABLED: "true",
  GEMINI_TELEMETRY_TRACES_ENABLED: "true",
  GEMINI_TELEMETRY_TARGET: "local",
  GEMINI_TELEMETRY_OTLP_ENDPOINT: process.env.CORPUS_OTLP,
  GEMINI_TELEMETRY_OTLP_PROTOCOL: "http",
  GEMINI_TELEMETRY_LOG_PROMPTS: "true",
  GEMINI_CLI_TRUST_WORKSPACE: "true",
  GEMINI_SYSTEM_MD: `${process.env.HOME}/system.md`,
};
writeFileSync(env.GEMINI_SYSTEM_MD, talk.system);
for (const turn of ["plain", "failing"]) {
  const options = ["-p", talk.turns[turn], "-m", "gemini-2.5-flash"];
  const done = spawnSync("gemini", options, { env, encoding: "utf8", timeout: 60000, input: "" });
  console.error(turn, done.status, done.stdout.slice(0, 300), done.stderr.slice(0, 900));
}
