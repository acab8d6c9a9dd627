namespace K8sQueue.Operator.Resources.Triggers;

/// <summary>Names of a queue's triggers: identifiers, since the formula speaks of them.</summary>
internal readonly record struct TriggerNames(int Index)
{
    /// <summary>The only trigger of a queue.</summary>
    public string Only => FormattableString.Invariant($"q{Index}");

    /// <summary>One of several: letters, digits and underscores.</summary>
    public string Of(string part) => FormattableString.Invariant($"q{Index}_{part}");
}
