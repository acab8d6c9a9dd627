namespace K8sQueue.Worker.Tests.Support;

/// <summary>A fact that needs root, for a process namespace of its own.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class RootFactAttribute : FactAttribute
{
    public RootFactAttribute()
    {
        if (!Environment.IsPrivilegedProcess)
            Skip = "Needs root: it makes a process namespace.";
    }
}
