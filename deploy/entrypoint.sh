#!/bin/sh
# What the container runs: the server with the arguments it is given or, without any, with those that the variables say.
set -eu

server="$(dirname "$0")/server/bin/omnigraph-server.js"
bind="${OMNIGRAPH_BIND:-0.0.0.0:8080}"

if [ "$#" -gt 0 ]; then
  exec node "$server" "$@"
fi

if [ -n "${OMNIGRAPH_CLUSTER:-}" ]; then
  legacy=""
  [ -z "${OMNIGRAPH_TARGET_URI:-}" ] || legacy="$legacy OMNIGRAPH_TARGET_URI"
  [ -z "${OMNIGRAPH_CONFIG:-}" ] || legacy="$legacy OMNIGRAPH_CONFIG"
  [ -z "${OMNIGRAPH_TARGET:-}" ] || legacy="$legacy OMNIGRAPH_TARGET"
  if [ -n "$legacy" ]; then
    echo "error: OMNIGRAPH_CLUSTER excludes:$legacy. Set the one or the others." >&2
    exit 64
  fi
  # The server itself reads OMNIGRAPH_QUARANTINE.
  exec node "$server" --cluster "$OMNIGRAPH_CLUSTER" --bind "$bind"
fi

if [ -n "${OMNIGRAPH_TARGET_URI:-}" ]; then
  exec node "$server" "$OMNIGRAPH_TARGET_URI" ${OMNIGRAPH_CONFIG:+--config "$OMNIGRAPH_CONFIG"} --bind "$bind"
fi

if [ -n "${OMNIGRAPH_CONFIG:-}" ]; then
  exec node "$server" --config "$OMNIGRAPH_CONFIG" ${OMNIGRAPH_TARGET:+--target "$OMNIGRAPH_TARGET"} --bind "$bind"
fi

cat >&2 <<'USAGE'
error: nothing to serve. Name what the cluster applied, for example
  docker run -e OMNIGRAPH_CLUSTER=s3://bucket/prefix -p 8080:8080 omnigraph
or give the arguments of omnigraph-server; --help lists them.
USAGE
exit 64
