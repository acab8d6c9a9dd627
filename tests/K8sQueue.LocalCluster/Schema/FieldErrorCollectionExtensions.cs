namespace K8sQueue.LocalCluster.Schema;

internal static class FieldErrorCollectionExtensions
{
    public static void AddAll(this ICollection<FieldError> errors, IEnumerable<FieldError> more)
    {
        foreach (var error in more)
            errors.Add(error);
    }
}
