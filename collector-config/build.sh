#!/bin/sh
# Builds the Collector of builder.yaml, once for each content of that file but comments, and prints where it is.
#   build.sh            builds it unless it is there
#   build.sh --where    prints the path only, whether it is there or not
# Needs Go and its way to the modules. It is kept outside the repository, in the user's cache.
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
manifest=$here/builder.yaml

digest() {
  if command -v sha256sum >/dev/null 2>&1; then sha256sum; else shasum -a 256; fi
}
digest=$(sed '/^#/d; /^$/d' "$manifest" | digest | cut -c 1-16)
home=${XDG_CACHE_HOME:-$HOME/.cache}/otel-genai-sidecar/collector-$digest
binary=$home/otelcol-genai

if [ "${1:-}" != --where ] && [ ! -x "$binary" ]; then
  command -v go >/dev/null 2>&1 || { echo "make collector needs Go (https://go.dev/dl)" >&2; exit 1; }
  release=$(sed -n 's/^  version: //p' "$manifest")
  echo "Building the Collector $release (a few minutes, once)" >&2
  mkdir -p "$home"
  work=$(mktemp -d "$home/build.XXXXXX")
  trap 'rm -rf "$work"' EXIT
  trap 'exit 1' HUP INT TERM
  # The builder writes into the folder that the manifest names, so it gets a copy that names this one.
  sed "s|^dist:|&\n  output_path: $work/source|" "$manifest" >"$work/builder.yaml"
  go run "go.opentelemetry.io/collector/cmd/builder@v$release" --config "$work/builder.yaml" >"$work/log" 2>&1 ||
    { cat "$work/log" >&2; exit 1; }
  mv "$work/source/otelcol-genai" "$binary"
fi
echo "$binary"
