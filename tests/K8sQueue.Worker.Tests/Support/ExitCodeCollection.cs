namespace K8sQueue.Worker.Tests.Support;

/// <summary>One after the other: these tests set the exit code of the process that they are in.</summary>
[CollectionDefinition(Name)]
public sealed class ExitCodeCollection
{
    public const string Name = "exit code";
}
