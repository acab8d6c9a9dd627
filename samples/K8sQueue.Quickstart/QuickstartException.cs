namespace K8sQueue.Quickstart;

/// <summary>Something that the person at the keyboard can mend; the message says what.</summary>
public sealed class QuickstartException : Exception
{
    public QuickstartException(string message)
        : base(message)
    {
    }

    public QuickstartException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    public QuickstartException()
    {
    }
}
