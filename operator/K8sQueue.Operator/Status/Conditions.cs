namespace K8sQueue.Operator.Status;

/// <summary>Types of conditions. They are part of the API.</summary>
public static class Conditions
{
    /// <summary>The spec is what runs: its revision is rolled out, its scaling works, nothing it names is missing.</summary>
    public const string Ready = "Ready";

    /// <summary>Pods are on their way in or out.</summary>
    public const string Progressing = "Progressing";

    /// <summary>KEDA can read the queues and scale the pool.</summary>
    public const string ScalingReady = "ScalingReady";

    /// <summary>A budget keeps the pool below what was asked for.</summary>
    public const string CapacityLimited = "CapacityLimited";

    /// <summary>Pods finish what they have and leave.</summary>
    public const string Draining = "Draining";

    /// <summary><c>spec.suspend</c> is true.</summary>
    public const string Suspended = "Suspended";

    /// <summary>The queues' signal counts jobs that run, not only those that wait.</summary>
    public const string SignalComplete = "SignalComplete";

    /// <summary>The Prometheus operator has what <c>spec.monitoring</c> asks for. It is there only where that asks for something.</summary>
    public const string Monitored = "Monitored";

    /// <summary>A budget has less left than a pool's next replica takes.</summary>
    public const string Exhausted = "Exhausted";

    /// <summary>The budget's server was read, and what it said counts.</summary>
    public const string Discovered = "Discovered";

    /// <summary>The server has connections that neither pods nor external nor reserved explain.</summary>
    public const string Unaccounted = "Unaccounted";
}
