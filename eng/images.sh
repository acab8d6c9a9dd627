#!/usr/bin/env bash
# Builds the three images with the SDK's own container support: chiseled base, non-root, no Dockerfile to keep in step.
# usage: eng/images.sh REGISTRY TAG
set -euo pipefail
cd "$(dirname "$0")/.."
registry=${1:?registry} tag=${2:?tag}
docker info >/dev/null 2>&1 || { echo "make images: needs a running Docker engine" >&2; exit 1; }
for item in operator/K8sQueue.Operator:operator worker/K8sQueue.Worker:worker api/K8sQueue.Api:api; do
  dotnet publish "${item%%:*}" -c Release -r linux-x64 --self-contained false -t:PublishContainer \
    -p:PublishReadyToRun=true \
    -p:ContainerBaseImage=mcr.microsoft.com/dotnet/aspnet:10.0-noble-chiseled \
    -p:ContainerRepository="${registry#*/}/${item##*:}" -p:ContainerImageTag="$tag" -v quiet
  docker tag "${registry#*/}/${item##*:}:$tag" "$registry/${item##*:}:$tag"
  echo "$registry/${item##*:}:$tag"
done
