using K8sQueue.Operator.Entities;
using K8sQueue.Operator.Entities.Queues;

namespace K8sQueue.Operator.Tests.Resources.Triggers;

/// <summary>A queue of every kind, with every field that changes its triggers.</summary>
internal static class QueueKinds
{
    public static IReadOnlyDictionary<string, QueueSpec> All { get; } = new Dictionary<string, QueueSpec>
    {
        ["bullmq"] = new() { Bullmq = new BullMqQueueSpec { Redis = Redis(), Queue = "Emails", Prefix = "shop" } },
        ["bullmq-fields"] = new() { Bullmq = new BullMqQueueSpec { Redis = Redis(), MetaFields = 3 } },
        ["celery"] = new() { Celery = new CeleryQueueSpec { Redis = Redis() } },
        ["celery-own"] = new()
        {
            Celery = new CeleryQueueSpec
            {
                Redis = Redis(),
                Queue = "mail",
                KeyPrefix = "shop:",
                PrioritySteps = [0, 5],
                Separator = ":",
                UnackedIsOwn = true,
                AcksLate = true,
            },
        },
        ["sidekiq"] = new() { Sidekiq = new SidekiqQueueSpec { Redis = Redis(), Queue = "mailers" } },
        ["redislist"] = new() { RedisList = new RedisListQueueSpec { Redis = Redis(), Key = "jobs" } },
        ["redislist-inflight"] = new() { RedisList = new RedisListQueueSpec { Redis = Redis(), Key = "jobs", InFlightKeys = ["jobs:running", "jobs:retrying"] } },
        ["redisstream"] = new() { RedisStream = new RedisStreamQueueSpec { Redis = Redis(), Stream = "jobs" } },
        ["redisstream-group"] = new() { RedisStream = new RedisStreamQueueSpec { Redis = Redis(), Stream = "jobs", ConsumerGroup = "workers" } },
        ["rabbitmq"] = new()
        {
            Rabbitmq = new RabbitMqQueueSpec
            {
                Address = "rabbitmq:15671",
                Tls = true,
                VirtualHost = "shop",
                UsernameSecretRef = Secret("username"),
                PasswordSecretRef = Secret("password"),
            },
        },
        ["rabbitmq-amqp"] = new() { Rabbitmq = new RabbitMqQueueSpec { HostSecretRef = Secret("url"), Protocol = "amqp", Queue = "Mail" } },
        ["postgresql"] = new()
        {
            Postgresql = new PostgreSqlQueueSpec
            {
                Address = "[fd00::7]:5432",
                Database = "shop",
                User = "scaler",
                PasswordSecretRef = Secret("password"),
                Query = "SELECT count(*) FROM jobs WHERE finished_at IS NULL",
                CountsInFlight = true,
            },
        },
        ["postgresql-connection"] = new() { Postgresql = new PostgreSqlQueueSpec { ConnectionSecretRef = Secret("connection"), Query = "SELECT 1" } },
        ["kafka"] = new()
        {
            Kafka = new KafkaQueueSpec
            {
                BootstrapServers = ["kafka-0:9093", "kafka-1:9093"],
                ConsumerGroup = "mail",
                Topic = "mail",
                Tls = true,
                CaSecretRef = Secret("ca.crt"),
                Sasl = "scram_sha512",
                UsernameSecretRef = Secret("username"),
                PasswordSecretRef = Secret("password"),
                OffsetResetPolicy = "earliest",
            },
        },
        ["sqs"] = new() { Sqs = new SqsQueueSpec { QueueUrl = "https://sqs.eu-central-1.amazonaws.com/123456789012/mail", Region = "eu-central-1" } },
        ["sqs-keys"] = new()
        {
            Sqs = new SqsQueueSpec
            {
                QueueUrl = "http://localstack:4566/000000000000/mail",
                Region = "eu-central-1",
                Endpoint = "http://localstack:4566",
                AccessKeyIdSecretRef = Secret("id"),
                SecretAccessKeySecretRef = Secret("key"),
            },
        },
        ["prometheus"] = new()
        {
            Prometheus = new PrometheusQueueSpec { ServerAddress = "https://prometheus:9090", Query = "sum(jobs)", BearerTokenSecretRef = Secret("token"), CaSecretRef = Secret("ca.crt") },
        },
        ["prometheus-zero"] = new()
        {
            Prometheus = new PrometheusQueueSpec { ServerAddress = "http://prometheus:9090", Query = "sum(jobs)", CountsInFlight = true, EmptyIsZero = true },
        },
    };

    public static QueueSpec Of(string kind)
    {
        var queue = All[kind];
        queue.Name = "mail";
        queue.JobsPerReplica = 20;
        return queue;
    }

    private static RedisConnectionSpec Redis() => new() { Address = "redis:6379", Database = 1, PasswordSecretRef = Secret("password") };

    private static SecretKeyReference Secret(string key) => new() { Name = "mail", Key = key };
}
