// Codex CLI without a terminal: questions and their answers, with telemetry of its own.

import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { provider, talk } from "./otel.mjs";

const home = `${process.env.HOME}/.codex`;
mkdirSync(home);
const exporter = `{ otlp-http = { endpoint = "${process.env.CORPUS_OTLP}/v1/logs", protocol = "binary" } }`;
writeFileSync(
  `${home}/config.toml`,
  `model = "gpt-4o"
model_provider = "corpus"
developer_instructions = ${JSON.stringify(talk.system)}
[model_providers.corpus]
name = "corpus"
base_url = "${provider}/v1"
env_key = "CORPUS_KEY"
wire_api = "responses"
request_max_retries = 0
stream_max_retries = 0
[analytics]
enabled = false
[otel]
environment = "test"
log_user_prompt = true
exporter = ${exporter}
`,
);
const env = { ...process.env, CODEX_HOME: home, CORPUS_KEY: "corpus" };
for (const turn of ["plain", "failing"]) {
  const options = ["exec", "--skip-git-repo-check", "--ephemeral", talk.turns[turn]];
  const done = spawnSync("codex", options, { env, encoding: "utf8", timeout: 60000, input: "" });
  console.error(turn, done.status, done.stdout.slice(0, 300), done.stderr.slice(0, 1500));
}
