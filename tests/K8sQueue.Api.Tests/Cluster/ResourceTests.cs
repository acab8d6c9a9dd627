using System.Reflection;
using System.Text.Json;
using K8sQueue.Api.Cluster.Resources;
using K8sQueue.Testing;

namespace K8sQueue.Api.Tests.Cluster;

/// <summary>What the API reads of pools and budgets is in their definitions: a member that is renamed there is missed here at once.</summary>
public sealed class ResourceTests
{
    [Theory]
    [InlineData(typeof(WorkerPoolResource), "k8squeue.io_workerpools.yaml")]
    [InlineData(typeof(ConnectionBudgetResource), "k8squeue.io_connectionbudgets.yaml")]
    public async Task Every_member_is_one_of_the_definition(Type resource, string file)
    {
        var names = (await File.ReadAllLinesAsync(Path.Combine(RepositoryFolder.Root, "crds", file)))
            .Select(line => line.Trim().TrimEnd(':')).ToHashSet(StringComparer.Ordinal);

        var members = Members(resource.BaseType!.GetGenericArguments()[0]).Concat(Members(resource.BaseType.GetGenericArguments()[1])).ToList();

        members.Should().HaveCountGreaterThan(10).And.OnlyContain(member => names.Contains(member));
    }

    private static IEnumerable<string> Members(Type type)
    {
        foreach (var property in type.GetProperties().Where(property => property.GetCustomAttribute<System.Text.Json.Serialization.JsonExtensionDataAttribute>() is null))
        {
            yield return JsonNamingPolicy.CamelCase.ConvertName(property.Name);
            var inner = property.PropertyType.IsGenericType ? property.PropertyType.GetGenericArguments()[0] : property.PropertyType;
            foreach (var member in inner.Namespace == typeof(WorkerPoolResource).Namespace ? Members(inner) : [])
                yield return member;
        }
    }
}
