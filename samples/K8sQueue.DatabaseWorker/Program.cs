using K8sQueue.DatabaseWorker;
using Npgsql;

var builder = Host.CreateApplicationBuilder(args);
builder.Logging.AddSimpleConsole(console => console.SingleLine = true);
builder.Services
    .AddSingleton(_ => NpgsqlDataSource.Create(Database.Settings(builder.Configuration)))
    .AddRedisJobQueue(builder.Configuration, redis => redis.ClientName = builder.Configuration["K8SQUEUE_POD_NAME"] ?? redis.ClientName)
    .AddK8sQueueWorker(builder.Configuration)
    .AddHandler<RecordOrder, RecordOrderHandler>("order.record", DatabaseWorkerJson.Default.RecordOrder);
return builder.Build().RunK8sQueueWorker();
