# syntax=docker/dockerfile:1
# The worker with PostgreSQL's client: the worker's own image has no program but itself.
FROM ghcr.io/k8squeue/worker:0.1.0-alpha AS worker

FROM mcr.microsoft.com/dotnet/runtime-deps:10.0-noble
RUN apt-get update \
    && apt-get install -y --no-install-recommends postgresql-client-16 tzdata \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY --from=worker /app .
USER 1654:1654
EXPOSE 8081
ENTRYPOINT ["/app/K8sQueue.Worker"]
