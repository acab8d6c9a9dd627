# K8sQueue. `make help` lists the targets.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

CONFIGURATION ?= Release
DOTNET ?= dotnet
IMAGE_REGISTRY ?= ghcr.io/k8squeue
IMAGE_TAG ?= dev
KIND_CLUSTER ?= k8squeue
# The end-to-end suite tests push, too.
DEPLOY_ARGS ?= $(if $(filter e2e,$(MAKECMDGOALS)),--set operator.push.enabled=true)
# Where deploy installs: kind, where the same call makes the cluster or tests it there; else the current context. The environment does not change it.
DEPLOY_CONTEXT = $(if $(filter kind-up e2e,$(MAKECMDGOALS)),kind-$(KIND_CLUSTER))
BIN = bin/$(CONFIGURATION)/net10.0

export DOTNET_NOLOGO = 1
export DOTNET_CLI_TELEMETRY_OPTOUT = 1
export PATH := $(CURDIR)/.tools/bin:$(PATH)

.PHONY: help
help: ## Show this help
	@awk 'BEGIN {FS = ":.*## "} /^[a-z0-9-]+:.*## / {printf "  %-15s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: run
run: tools ## Run the quickstart on this machine, no cluster: a pool goes 0 -> n -> 0 (KEEP=1 leaves it up)
	@$(DOTNET) build samples/K8sQueue.Quickstart -c $(CONFIGURATION) -v quiet
	@exec $(DOTNET) samples/K8sQueue.Quickstart/$(BIN)/K8sQueue.Quickstart.dll $(if $(KEEP),--keep) $(RUN_ARGS)

.PHONY: test
test: ## Run every test, over real servers (FILTER='...' as in dotnet test)
	@eng/tools.sh postgresql rabbitmq-server nodejs python3 chromium caddy nginx wget gcc
	@eng/test.sh

.PHONY: compliance
compliance: ## Run the queue's compliance suite over another server of the protocol (REDIS_SERVER=/usr/bin/valkey-server)
	@test -x "$(REDIS_SERVER)" || { echo "make compliance: set REDIS_SERVER to the path of a server, for example /usr/bin/valkey-server" >&2; exit 2; }
	@eng/tools.sh
	@K8SQUEUE_TEST_REDIS_SERVER=$(abspath $(REDIS_SERVER)) $(DOTNET) test tests/K8sQueue.Core.Tests -c $(CONFIGURATION) \
	  --filter "FullyQualifiedName~RedisComplianceTests|FullyQualifiedName~RedisDurabilityTests|FullyQualifiedName~RedisBulkTests" --logger "console;verbosity=minimal"

.PHONY: worker
worker: ## Publish the worker as its image has it, as native code, into artifacts/worker
	@eng/tools.sh gcc
	@eng/worker.sh

.PHONY: histories
histories: ## Check the operator's invariants over 10,000 random histories, 10 minutes (HISTORIES=1000 for less); seeds are printed
	@K8SQUEUE_HISTORIES=$(or $(HISTORIES),10000) $(DOTNET) test tests/K8sQueue.Operator.Tests -c $(CONFIGURATION) --filter FullyQualifiedName~Histor \
	  --logger "console;verbosity=normal"

.PHONY: bench-queue
bench-queue: ## Measure the queue beside BullMQ and a raw loop, 16 minutes (BENCH_ARGS='--quick' for less)
	@eng/tools.sh npm
	@$(DOTNET) build tests/K8sQueue.Benchmarks -c Release -v quiet
	@exec $(DOTNET) tests/K8sQueue.Benchmarks/bin/Release/net10.0/K8sQueue.Benchmarks.dll queue $(BENCH_ARGS)

.PHONY: bench-api
bench-api: ## Measure enqueues over HTTP beside an empty Kestrel and Fastify with BullMQ, 10 minutes (BENCH_ARGS='--quick' for less)
	@eng/tools.sh npm wrk
	@$(DOTNET) build tests/K8sQueue.Benchmarks -c Release -v quiet
	@$(DOTNET) publish api/K8sQueue.Api -c Release -r linux-x64 --self-contained false -p:PublishReadyToRun=true -o artifacts/api -v quiet
	@exec $(DOTNET) tests/K8sQueue.Benchmarks/bin/Release/net10.0/K8sQueue.Benchmarks.dll api \
	  --api artifacts/api/K8sQueue.Api.dll $(BENCH_ARGS)

.PHONY: bench-many-queues
bench-many-queues: ## Measure one worker that serves 1,000 queues, 1 minute (BENCH_ARGS='--queues 250', '--job-milliseconds 100')
	@eng/tools.sh
	@$(DOTNET) build tests/K8sQueue.Benchmarks -c Release -v quiet
	@exec $(DOTNET) tests/K8sQueue.Benchmarks/bin/Release/net10.0/K8sQueue.Benchmarks.dll many-queues $(BENCH_ARGS)

.PHONY: bench-push
bench-push: tools ## Measure how long the first job of a pool at zero waits, pushed and polled (BENCH_ARGS='--rounds 5' for less)
	@$(DOTNET) build tests/K8sQueue.Benchmarks -c Release -v quiet
	@exec $(DOTNET) tests/K8sQueue.Benchmarks/bin/Release/net10.0/K8sQueue.Benchmarks.dll push $(BENCH_ARGS)

.PHONY: bench-worker
bench-worker: ## Measure a worker's start and its memory at rest, 4 minutes (BENCH_ARGS='--soak-seconds 600' adds a soak at full speed)
	@eng/tools.sh gcc
	@$(DOTNET) build tests/K8sQueue.Benchmarks -c Release -v quiet
	@eng/worker.sh
	@exec $(DOTNET) tests/K8sQueue.Benchmarks/bin/Release/net10.0/K8sQueue.Benchmarks.dll worker \
	  --worker artifacts/worker/K8sQueue.Worker $(BENCH_ARGS)

.PHONY: bench-operator
bench-operator: ## Measure the operator with 100 and 1,000 pools, about 11 minutes (BENCH_ARGS='--steady-seconds 30' for less)
	@eng/tools.sh
	@$(DOTNET) build tests/K8sQueue.Benchmarks -c Release -v quiet
	@$(DOTNET) publish operator/K8sQueue.Operator -c Release -r linux-x64 --self-contained false -p:PublishReadyToRun=true -o artifacts/operator -v quiet
	@exec $(DOTNET) tests/K8sQueue.Benchmarks/bin/Release/net10.0/K8sQueue.Benchmarks.dll operator \
	  --operator artifacts/operator/K8sQueue.Operator.dll $(BENCH_ARGS)

.PHONY: chaos
chaos: ## Break workers, network and Redis, and check what became of the jobs, 12 to 16 minutes (CHAOS_ARGS='--quick', '--scenario kill-9', '--seed 1')
	@eng/tools.sh
	@$(DOTNET) publish tests/K8sQueue.Chaos -c Release -r linux-x64 --self-contained false -p:PublishReadyToRun=true -o artifacts/chaos-program -v quiet
	@exec $(DOTNET) artifacts/chaos-program/K8sQueue.Chaos.dll run $(CHAOS_ARGS)

.PHONY: lint
lint: ## Check formatting and analysers; nothing is changed
	$(DOTNET) build K8sQueue.sln -c $(CONFIGURATION) -v quiet
	$(DOTNET) format K8sQueue.sln --verify-no-changes --no-restore

.PHONY: fmt
fmt: ## Format the code
	$(DOTNET) format K8sQueue.sln

.PHONY: crds
crds: ## Generate crds/ from the C# entities, and what is rendered from them
	$(DOTNET) build operator/K8sQueue.Operator -c $(CONFIGURATION) -v quiet
	$(DOTNET) operator/K8sQueue.Operator/$(BIN)/K8sQueue.Operator.dll crds --output crds
	@$(MAKE) --no-print-directory manifests

.PHONY: openapi
openapi: ## Write the OpenAPI document that the API serves into docs/reference/openapi.json
	@K8SQUEUE_OPENAPI=$(CURDIR)/docs/reference/openapi.json $(DOTNET) test tests/K8sQueue.Api.Tests -c $(CONFIGURATION) --filter FullyQualifiedName~OpenApiFileTests

.PHONY: manifests
manifests: tools ## Render deploy/ from the chart, and copy crds/ into it
	@eng/manifests.sh

.PHONY: images
images: ## Build the container images (needs Docker)
	@eng/images.sh "$(IMAGE_REGISTRY)" "$(IMAGE_TAG)"

.PHONY: kind-up
kind-up: ## Create a kind cluster with KEDA (needs Docker and kind)
	@eng/kind-up.sh "$(KIND_CLUSTER)"

.PHONY: deploy
deploy: ## Install the chart with the images of make images, beside kind-up there, else into DEPLOY_CONTEXT (DEPLOY_ARGS='--set api.enabled=true,redis.enabled=true')
	@eng/deploy.sh "$(IMAGE_REGISTRY)" "$(IMAGE_TAG)" "$(KIND_CLUSTER)" "$(DEPLOY_CONTEXT)" $(DEPLOY_ARGS)

.PHONY: run-operator
run-operator: ## For development: apply the CRDs and run the operator here, as the current kubeconfig's user (no admission policy)
	kubectl apply --server-side -f crds/
	$(DOTNET) build operator/K8sQueue.Operator -c $(CONFIGURATION) -v quiet
	@exec $(DOTNET) operator/K8sQueue.Operator/$(BIN)/K8sQueue.Operator.dll

.PHONY: e2e
e2e: tools ## Run the end-to-end suite, whole with K8SQUEUE_E2E_FULL=1; K8SQUEUE_E2E_KUBECONFIG runs it over a real cluster, `make kind-up deploy e2e` over kind
	@eng/e2e.sh $(if $(filter deploy,$(MAKECMDGOALS)),"$(IMAGE_REGISTRY)" "$(IMAGE_TAG)" "$(KIND_CLUSTER)")

.PHONY: dry-run
dry-run: tools ## Ask the API server of K8SQUEUE_E2E_KUBECONFIG by --dry-run=server whether it takes all that is rendered and all samples
	@$(DOTNET) test tests/K8sQueue.Chart.Tests -c $(CONFIGURATION) --filter FullyQualifiedName~ServerDryRun --logger "console;verbosity=normal"

.PHONY: screenshots
screenshots: ## Take the documentation's pictures of the dashboard anew (docs/images)
	@eng/tools.sh chromium
	@K8SQUEUE_SCREENSHOTS=$(CURDIR)/docs/images $(DOTNET) test tests/K8sQueue.Api.Tests -c $(CONFIGURATION) --filter FullyQualifiedName~ScreenshotTests

.PHONY: tools
tools: ## Install what run and test need and this machine lacks
	@eng/tools.sh

.PHONY: clean
clean: ## Remove everything that was built
	rm -rf artifacts .tools
	find . -type d \( -name bin -o -name obj \) -not -path './.git/*' -not -path '*/node_modules/*' -prune -exec rm -rf {} +
