using System.CommandLine;
using K8sQueue.Benchmarks.Api;
using K8sQueue.Benchmarks.Operators;
using K8sQueue.Benchmarks.Push;
using K8sQueue.Benchmarks.Queues;
using K8sQueue.Benchmarks.Queues.Many;
using K8sQueue.Benchmarks.Workers;
using K8sQueue.Benchmarks.Workers.Soak;

var root = new RootCommand("K8sQueue's benchmarks. They print figures and ratios against peers that run beside them.")
{
    ApiCommand.Create(),
    EmptyApiCommand.Create(),
    QueueCommand.Create(),
    ManyQueuesCommand.Create(),
    OperatorCommand.Create(),
    PushCommand.Create(),
    WorkerCommand.Create(),
    SoakWorkerCommand.Create(),
};
return await root.Parse(args).InvokeAsync();
