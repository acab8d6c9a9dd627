namespace K8sQueue.LocalCluster.Autoscaling.Formulas;

/// <summary>A formula cannot be compiled, or came to nothing.</summary>
internal sealed class FormulaException : Exception
{
    public FormulaException()
    {
    }

    public FormulaException(string message)
        : base(message)
    {
    }

    public FormulaException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
