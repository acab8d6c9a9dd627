namespace K8sQueue.Worker.Tests.Processes;

/// <summary>Runs alone: these tests bound real time, which a machine that is busy with other tests would stretch.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class ProcessesCollection
{
    public const string Name = "processes";
}
