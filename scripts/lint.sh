#!/usr/bin/env bash
# Runs golangci-lint with the list in .golangci.yml.
set -euo pipefail
cd "$(dirname "$0")/.."
version=v2.15.0
bin=$(go env GOPATH)/bin/golangci-lint
if ! "$bin" version 2>/dev/null | grep -q "${version#v}"; then
  echo "Installing golangci-lint $version (a few minutes, once)" >&2
  go install "github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$version"
fi
exec "$bin" run ./...
