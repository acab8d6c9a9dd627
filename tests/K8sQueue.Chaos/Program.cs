using System.CommandLine;
using K8sQueue.Chaos.Running;
using K8sQueue.Chaos.Workers;

// A worker's signals and its main thread are the worker's alone, so it does not go through the command line's host.
if (args is [ChaosWorker.Verb])
    return ChaosWorker.Run();

var root = new RootCommand("K8sQueue's evidence: what breaks around the queue and its workers, and what becomes of the jobs.")
{
    RunCommand.Create(),
    ListCommand.Create(),
};
return await root.Parse(args).InvokeAsync();
