#!/usr/bin/env bash
# Generates what is made from protos/: the Python stubs (with types) below
# folder $1, and the descriptor set (with imports and comments) as file $2.
# Needs tools/setup.sh python.
set -euo pipefail

stubs=$(realpath -m "${1:?folder for the stubs}")
protoset=$(realpath -m "${2:?file for the descriptor set}")
cd "$(dirname "${BASH_SOURCE[0]}")/.."

mkdir -p "$stubs" "$(dirname "$protoset")"
mapfile -t protos < <(cd protos && find broadcast -name '*.proto' | sort)
if ((${#protos[@]} == 0)); then
  echo "proto: there is nothing in protos/" >&2
  exit 1
fi

# What an element that is gone once generated.
find "$stubs/broadcast" -name '*_pb2*.py*' -delete 2>/dev/null || true

protoc=(.tools/venv/bin/python -m grpc_tools.protoc
  -I protos -I .tools/googleapis)
"${protoc[@]}" --python_out="$stubs" --pyi_out="$stubs" \
  --grpc_python_out="$stubs" "${protos[@]}"
# With what the details of errors are made of, or tools print them as base64.
"${protoc[@]}" --descriptor_set_out="$protoset" --include_imports \
  --include_source_info "${protos[@]}" google/rpc/error_details.proto

# A file without services needs no stub of one.
grep -rL '_registered_method=True' "$stubs/broadcast" \
  --include='*_pb2_grpc.py' | xargs -r rm
