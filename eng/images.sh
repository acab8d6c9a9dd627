#!/usr/bin/env bash
# Builds the images from their Dockerfiles. usage: eng/images.sh REGISTRY TAG
set -euo pipefail
cd "$(dirname "$0")/.."
registry=${1:?registry} tag=${2:?tag}
docker info >/dev/null 2>&1 || { echo "make images: needs a running Docker engine" >&2; exit 1; }
revision=$(git rev-parse HEAD 2>/dev/null || echo unknown)
for item in operator/K8sQueue.Operator:operator worker/K8sQueue.Worker:worker api/K8sQueue.Api:api samples/K8sQueue.DatabaseWorker:database-worker; do
  image="$registry/${item##*:}:$tag"
  DOCKER_BUILDKIT=1 docker build --quiet --file "${item%%:*}/Dockerfile" --build-arg VERSION="$tag" --build-arg REVISION="$revision" --tag "$image" . >/dev/null
  echo "$image"
done
