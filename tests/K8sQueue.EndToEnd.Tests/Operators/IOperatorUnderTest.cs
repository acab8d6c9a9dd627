namespace K8sQueue.EndToEnd.Tests.Operators;

/// <summary>The operator that the suite tests, wherever it runs.</summary>
public interface IOperatorUnderTest
{
    /// <summary>Ends it without notice, as a crash would, and keeps it away.</summary>
    Task KillAsync();

    /// <summary>Starts it again, and waits until it is ready.</summary>
    Task StartAsync();

    /// <summary>The end of its log.</summary>
    Task<string> TailAsync();
}
