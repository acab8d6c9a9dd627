using K8sQueue.Compose.Tests.Model;
using K8sQueue.Compose.Tests.Rules;

namespace K8sQueue.Compose.Tests;

/// <summary>Every rule holds for every topology, and each can fail.</summary>
public sealed class RuleTests
{
    public static TheoryData<string, string> All
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (var topology in Topology.Names)
            {
                foreach (var rule in AllRules.ByName.Keys)
                    data.Add(topology, rule);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public void It_holds(string topology, string rule) => AllRules.ByName[rule](Topology.Load(topology)).Should().BeEmpty();

    [Fact]
    public void There_are_three_topologies() => Topology.Names.Should().Equal("distributed", "simple", "single-host");

    [Theory]
    [InlineData("images", "simple", "compose.yaml", "redis:7.2-alpine", "redis:latest", "redis: 'docker.io/library/redis:latest' is not pinned")]
    [InlineData("images", "simple", "compose.yaml", "redis:7.2-alpine", "redis:7.4-alpine", "*is not the chart's*")]
    [InlineData("images", "simple", "compose.yaml", "docker.io/library/caddy", "caddy", "*does not say its registry*")]
    [InlineData("images", "simple", "compose.yaml", "k8squeue/worker:0.1.0-alpha", "k8squeue/worker:0.0.9", "worker: * is not of this release*")]
    [InlineData("images", "single-host", "maintenance.Dockerfile", "USER 1654:1654", "USER root", "*is not of the user 1654")]
    [InlineData("images", "single-host", "maintenance.Dockerfile", "[\"/app", "[\"/srv", "*does not start /app/K8sQueue.Worker")]
    [InlineData("images", "single-host", "maintenance.Dockerfile", "worker:0.1.0-alpha", "worker:0.0.9", "*is not made from ghcr.io/k8squeue/worker:0.1.0-alpha")]
    [InlineData("ports", "single-host", "compose.yaml", "127.0.0.1:${", "0.0.0.0:${", "caddy: port 8443 is published on '0.0.0.0'")]
    [InlineData("ports", "simple", "compose.yaml", "\"127.0.0.1:${K8SQUEUE_API_PORT:-8080}:8080\"", "\"8080:8080\"", "api: port 8080 is published on ''")]
    [InlineData("ports", "distributed", "infrastructure/.env.example", "K8SQUEUE_BIND=127.0.0.1", "K8SQUEUE_BIND=0.0.0.0", "*is published on '0.0.0.0'")]
    [InlineData("ports", "simple", "compose.yaml", ":8080\"\n", ":8090\"\n", "api: port 8090 is published and not exposed")]
    [InlineData("ports", "simple", "compose.yaml", "expose: [\"8081\"]", "expose: [\"9081\"]", "worker: K8sQueue.Worker does not listen on 9081")]
    [InlineData("ports", "distributed", "app/.env.example", "K8SQUEUE_PORT=8080", "K8SQUEUE_PORT=6379", "distributed: 6379 is published twice")]
    [InlineData("hardening", "simple", "compose.yaml", "  read_only: true\n", "", "*its file system can be written")]
    [InlineData("hardening", "simple", "compose.yaml", "cap_drop: [ALL]", "cap_drop: [NET_RAW]", "*it keeps capabilities")]
    [InlineData("hardening", "single-host", "compose.yaml", "cap_add: [NET_BIND_SERVICE]", "cap_add: [SYS_ADMIN]", "*it gets SYS_ADMIN")]
    [InlineData("hardening", "simple", "compose.yaml", "\"no-new-privileges:true\"", "", "*it may get new privileges")]
    [InlineData("hardening", "simple", "compose.yaml", "resources: {limits: {memory: 512M}}", "replicas: 1", "api: its memory has no limit")]
    [InlineData("hardening", "simple", "compose.yaml", "restart: unless-stopped", "restart: \"no\"", "*it is not started again")]
    [InlineData("hardening", "simple", "compose.yaml", "user: \"999:1000\"", "user: \"0:0\"", "redis: it is root")]
    [InlineData("hardening", "simple", "compose.yaml", "user: \"999:1000\"", "privileged: true", "redis: it has 'privileged'")]
    [InlineData("hardening", "simple", "compose.yaml", "    user: \"999:1000\"\n", "", "redis: it may be root")]
    [InlineData("hardening", "simple", "compose.yaml", "tmpfs: [\"/tmp:size=64m\"]", "tmpfs: []", "*it has no /tmp")]
    [InlineData("hardening", "single-host", "compose.yaml", "./Caddyfile:/etc", "/var/run/docker.sock:/etc", "caddy: it has Docker's socket")]
    [InlineData("secrets", "simple", "compose.yaml", "./secrets/api-keys", "./api-keys", "api-keys: its file is './api-keys'*")]
    [InlineData("secrets", "simple", "compose.yaml", "secrets: [redis-password, api-keys, dashboard-secret]", "secrets: [redis-password, dashboard-secret]", "api-keys: no service has it")]
    [InlineData("secrets", "simple", "compose.yaml", "secrets: [redis-password, api-keys, dashboard-secret]", "secrets: [redis-password, dashboard-secret]", "api: /run/secrets/api-keys is not among its secrets")]
    [InlineData("secrets", "simple", "compose.yaml", "  api-keys: {", "  api-key: {", "api: the secret api-keys is not declared")]
    [InlineData("secrets", "simple", "compose.yaml", "secrets: [redis-users]", "secrets: [redis-users, api-keys]", "redis: nothing reads the secret api-keys")]
    [InlineData("secrets", "single-host", "redis-cache.conf", "/run/secrets/redis-cache-users", "/run/secrets/redis-queue-users", "redis-cache: /run/secrets/redis-queue-users is not among its secrets")]
    [InlineData("passwords", "simple", "compose.yaml", "K8SQUEUE_REDIS_PASSWORD_FILE: /run/secrets/redis-password", "K8SQUEUE_REDIS_PASSWORD: hunter2", "*K8SQUEUE_REDIS_PASSWORD is in the open; name a file")]
    [InlineData("passwords", "simple", "compose.yaml", "/run/secrets/api-keys", "/etc/api-keys", "api: K8SQUEUE_API_KEYS_FILE is no secret's path")]
    [InlineData("passwords", "simple", "redis.conf", "port 6379", "requirepass hunter2", "redis.conf: 'requirepass hunter2' is in the open")]
    [InlineData("passwords", "simple", "compose.yaml", "http://app", "http://me:hunter2@app", "compose.yaml: 'http://me:hunter2@' is in the open")]
    [InlineData("passwords", "single-host", "initdb/10-app.sql", "PASSWORD :'password'", "PASSWORD 'hunter2'", "initdb/10-app.sql: *is in the open")]
    [InlineData("passwords", "distributed", "infrastructure/rabbitmq.conf", "log.console", "default_pass = hunter2\nlog.console", "*default_pass = hunter2' is in the open")]
    [InlineData("environment", "simple", "compose.yaml", "K8SQUEUE_CONCURRENCY", "K8SQUEUE_CONCURENCY", "worker: nothing reads K8SQUEUE_CONCURENCY")]
    [InlineData("environment", "simple", "compose.yaml", "K8SQUEUE_API_KEYS_FILE", "K8SQUEUE_KEYS_FILE", "api: nothing reads K8SQUEUE_KEYS_FILE")]
    [InlineData("environment", "simple", "compose.yaml", "DRAIN_TIMEOUT_SECONDS: \"30\"", "DRAIN_TIMEOUT_SECONDS: 30s", "worker: K8SQUEUE_DRAIN_TIMEOUT_SECONDS must be a whole number*")]
    [InlineData("environment", "simple", "compose.yaml", "K8SQUEUE_REDIS_ADDRESS: redis:6379", "K8SQUEUE_DURABILITY: always", "worker: it has no Redis")]
    [InlineData("environment", "simple", "compose.yaml", "K8SQUEUE_REDIS_ADDRESS: redis:6379", "K8SQUEUE_DURABILITY: always", "worker: K8SQUEUE_DURABILITY must be async or fsync*")]
    [InlineData("environment", "single-host", "compose.yaml", "K8SQUEUE_HANDLERS_FILE", "OTEL_HANDLERS_FILE", "worker: it has no handlers")]
    [InlineData("environment", "single-host", "Caddyfile", "{$K8SQUEUE_SITE:localhost}", "localhost", "caddy: nothing reads K8SQUEUE_SITE")]
    [InlineData("environment", "single-host", "compose.yaml", "POSTGRES_PASSWORD_FILE", "PG_PASSWORD_FILE", "postgres: nothing reads PG_PASSWORD_FILE")]
    [InlineData("logins", "simple", "compose.yaml", "      K8SQUEUE_DASHBOARD_SECRET_FILE: /run/secrets/dashboard-secret\n", "", "api: logins to its dashboard end with it*")]
    [InlineData("logins", "distributed", "app/compose.yaml", "    K8SQUEUE_DASHBOARD_SECRET_FILE: /run/secrets/dashboard-secret\n", "", "api-2: logins to its dashboard end with it*")]
    [InlineData("logins", "distributed", "app/compose.yaml", "  api-2:\n    <<: *api\n", "  api-2:\n    image: ghcr.io/k8squeue/api:0.1.0-alpha\n    environment: {K8SQUEUE_DASHBOARD_SECRET_FILE: /run/secrets/other}\n    secrets: [{source: api-keys, target: /run/secrets/other}]\n", "*holds for one API, and not for the others*")]
    [InlineData("proxies", "single-host", "compose.yaml", "      K8SQUEUE_TRUSTED_PROXIES: 10.0.0.0/8,172.16.0.0/12,192.168.0.0/16\n", "", "api: it takes caddy for whoever asks*")]
    [InlineData("proxies", "distributed", "app/compose.yaml", "  api-2:\n    <<: *api\n", "  api-2:\n    <<: *api\n    ports: [\"127.0.0.1:8082:8080\"]\n", "api-2: it is published beside nginx")]
    [InlineData("proxies", "distributed", "app/nginx.conf", "Host $http_host;", "Host $host;", "nginx: it passes the host on without its port")]
    [InlineData("health", "simple", "compose.yaml", "test: [CMD, /app", "test: [CMD-SHELL, /app", "*has no health check without a shell")]
    [InlineData("health", "simple", "compose.yaml", "K8sQueue.Api.dll, healthcheck]", "K8sQueue.Api.dll, check]", "api: its health check is not: CMD dotnet /app/K8sQueue.Api.dll healthcheck")]
    [InlineData("health", "simple", "compose.yaml", "      timeout: 5s\n", "      timeout: 4s\n", "*its health check takes up to 4 s, and has less")]
    [InlineData("health", "simple", "compose.yaml", "      timeout: 5s\n", "", "*its health check has no times")]
    [InlineData("health", "single-host", "compose.yaml", "\"http://127.0.0.1:8081/\"", "\"http://127.0.0.1:80/\"", "caddy: its health check asks http://127.0.0.1/, which it does not expose")]
    [InlineData("dependencies", "simple", "compose.yaml", "redis: {condition: service_healthy}", "radis: {condition: service_healthy}", "*it depends on radis, which is not there")]
    [InlineData("dependencies", "simple", "compose.yaml", "redis: {condition: service_healthy}", "radis: {condition: service_healthy}", "*it talks to redis and does not wait for it")]
    [InlineData("dependencies", "simple", "compose.yaml", "redis: {condition: service_healthy}", "redis: {condition: service_started}", "*it does not wait for the health of redis")]
    [InlineData("dependencies", "single-host", "compose.yaml", "      redis-cache: {condition: service_healthy}\n    healthcheck", "      caddy: {condition: service_healthy}\n    healthcheck", "api: it waits for itself by way of caddy")]
    [InlineData("addresses", "simple", "compose.yaml", "http://app:8000", "http://application:8000", "worker: application:8000 is nobody")]
    [InlineData("addresses", "single-host", "handlers.json", "http://app:8000", "http://app:8080", "worker: app does not expose 8080")]
    [InlineData("addresses", "distributed", "app/nginx.conf", "server api-2:8080", "server api-3:8080", "nginx: api-3:8080 is nobody")]
    [InlineData("addresses", "distributed", "jobs/.env.example", "REDIS_ADDRESS=redis-queue:6379", "REDIS_ADDRESS=redis-queue:6380", "*redis-queue does not expose 6380")]
    [InlineData("addresses", "single-host", "compose.yaml", "networks: [front, data]", "networks: [front]", "api: no network leads to redis-queue")]
    [InlineData("addresses", "single-host", "compose.yaml", "networks: [front, data]", "networks: [front, backend]", "api: the network backend is not declared")]
    [InlineData("addresses", "single-host", "compose.yaml", "  front: {}\n", "  front: {}\n  back: {}\n", "the network back has nobody")]
    [InlineData("addresses", "distributed", "jobs/compose.yaml", "    name: k8squeue\n", "    name: other\n", "*no network leads to redis-queue")]
    [InlineData("volumes", "simple", "compose.yaml", "  redis: {}\n", "  radis: {}\n", "redis: the volume redis is not declared")]
    [InlineData("volumes", "simple", "compose.yaml", "  redis: {}\n", "  redis: {}\n  more: {}\n", "the volume more is nobody's")]
    [InlineData("volumes", "simple", "compose.yaml", "redis.conf:ro", "redis.conf", "redis: it may write ./redis.conf")]
    [InlineData("volumes", "simple", "compose.yaml", "./redis.conf:", "./radis.conf:", "redis: ./radis.conf is not there")]
    [InlineData("volumes", "simple", "compose.yaml", "command: [redis-server, /etc/redis/redis.conf]", "command: [redis-server, /etc/redis/other.conf]", "redis: /etc/redis/other.conf is not mounted")]
    [InlineData("volumes", "single-host", "handlers.json", "/etc/k8squeue/maintenance/purge.sql", "/etc/k8squeue/maintenance/gone.sql", "worker: /etc/k8squeue/maintenance/gone.sql is not mounted")]
    [InlineData("volumes", "single-host", "compose.yaml", "postgres:/var/lib/postgresql/data", "postgres:/data", "postgres: what it has in /var/lib/postgresql/data would go with its container")]
    [InlineData("grace", "simple", "compose.yaml", "DRAIN_TIMEOUT_SECONDS: \"30\"", "DRAIN_TIMEOUT_SECONDS: \"31\"", "worker: it is killed after 45 s, and may take 46 s")]
    [InlineData("grace", "simple", "compose.yaml", "    stop_grace_period: 60s\n", "", "redis: it has no grace period")]
    [InlineData("grace", "single-host", "compose.yaml", "stop_grace_period: 45s", "stop_grace_period: 10s", "api: it is killed after 10 s, and may take 35 s")]
    [InlineData("grace", "distributed", "jobs/compose.yaml", "stop_grace_period: 135s", "stop_grace_period: 2m", "images: it is killed after 120 s, and may take 135 s")]
    [InlineData("scale", "simple", "compose.yaml", "    image: ghcr.io/k8squeue/worker", "    container_name: worker\n    image: ghcr.io/k8squeue/worker", "worker: with 'container_name' there can be only one")]
    [InlineData("scale", "simple", "compose.yaml", "    image: ghcr.io/k8squeue/worker", "    ports: [\"127.0.0.1:8081:8081\"]\n    image: ghcr.io/k8squeue/worker", "worker: with 'ports' there can be only one")]
    [InlineData("scale", "simple", "compose.yaml", "replicas: 3", "replicas: 2", "worker: there are not three")]
    [InlineData("routes", "single-host", "compose.yaml", "K8SQUEUE_QUEUES: maintenance,default", "K8SQUEUE_QUEUES: maintenance", "no worker has the queue default")]
    [InlineData("routes", "distributed", "jobs/compose.yaml", "\"email.send\": \"emails\"", "\"email.send\": \"mails\"", "*its routes are not the API's")]
    [InlineData("routes", "distributed", "jobs/compose.yaml", "JOB_TYPES: email.send", "JOB_TYPES: image.resize", "no worker has the queue emails")]
    [InlineData("routes", "distributed", "jobs/handlers.json", "\"*\": {", "\"other\": {", "others: * has no handler")]
    [InlineData("redis", "simple", "redis.conf", "noeviction", "allkeys-lru", "redis: maxmemory-policy is 'allkeys-lru', not noeviction")]
    [InlineData("redis", "single-host", "redis-queue.conf", "appendonly yes", "appendonly no", "redis-queue: appendonly is 'no', not yes")]
    [InlineData("redis", "single-host", "redis-cache.conf", "allkeys-lru", "noeviction", "redis-cache: maxmemory-policy is 'noeviction', not allkeys-lru")]
    [InlineData("redis", "single-host", "redis-queue.conf", "maxmemory 400mb", "maxmemory 900mb", "redis-queue: 900mb do not fit in 1G")]
    [InlineData("redis", "simple", "redis.conf", "aclfile", "include", "redis: it lets everybody in")]
    [InlineData("redis", "simple", "compose.yaml", "- redis:/data", "- redis:/elsewhere", "redis: its jobs would go with its container")]
    [InlineData("redis", "single-host", "compose.yaml", "REDIS_ADDRESS: redis-queue", "REDIS_ADDRESS: redis-cache", "*its queue is in a cache")]
    public void It_fails_where_it_is_broken(string rule, string topology, string file, string text, string replacement, string fault) =>
        AllRules.ByName[rule](Topology.Load(topology).With(file, text, replacement)).Should().ContainMatch(fault);

    [Fact]
    public void Every_rule_is_seen_to_fail() =>
        typeof(RuleTests).GetMethod(nameof(It_fails_where_it_is_broken))!.GetCustomAttributesData()
            .Where(attribute => attribute.AttributeType == typeof(InlineDataAttribute))
            .Select(attribute => ((IEnumerable<System.Reflection.CustomAttributeTypedArgument>)attribute.ConstructorArguments[0].Value!).First().Value)
            .Distinct().Should().BeEquivalentTo(AllRules.ByName.Keys);
}
