using K8sQueue.Chaos.Histories;
using K8sQueue.Chaos.Running;

namespace K8sQueue.Chaos.Scenarios;

/// <summary>
/// One row: a load, and what breaks meanwhile. When <see cref="RunAsync"/> returns nothing is broken any more; the runner then waits until
/// every job has ended, drains the workers and holds the histories against the rules.
/// </summary>
internal abstract class ChaosScenario
{
    /// <summary>Its name on the command line.</summary>
    public abstract string Name { get; }

    /// <summary>What is done, and what is to be seen: a sentence or two for readers of the table.</summary>
    public abstract string Shows { get; }

    /// <summary>How the server is started.</summary>
    public virtual ServerOptions Server => ServerOptions.InMemory;

    /// <summary>Whether a quick run has it.</summary>
    public virtual bool IsQuick => true;

    /// <summary>What it makes of a run's scale, where it needs timings of its own.</summary>
    public virtual ChaosScale At(ChaosScale scale) => scale;

    /// <summary>What it promises beyond what all do.</summary>
    public virtual ChaosExpectation Expect(ChaosScale scale) => new();

    public abstract Task RunAsync(ScenarioContext context);
}
