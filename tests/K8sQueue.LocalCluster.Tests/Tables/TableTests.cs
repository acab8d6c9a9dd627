using K8sQueue.LocalCluster.Objects;
using K8sQueue.LocalCluster.Tables;

namespace K8sQueue.LocalCluster.Tests.Tables;

public sealed class TableTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 2, 0, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(0, "0s")]
    [InlineData(119, "119s")]
    [InlineData(120, "2m")]
    [InlineData(185, "3m5s")]
    [InlineData(3599, "59m")]
    [InlineData(3 * 3600 + 60, "3h1m")]
    [InlineData(9 * 3600, "9h")]
    [InlineData(49 * 3600, "2d1h")]
    [InlineData(9 * 86400, "9d")]
    [InlineData(800 * 86400, "2y70d")]
    public void Ages_read_as_kubectl_writes_them(int seconds, string expected) =>
        HumanDuration.Of(TimeSpan.FromSeconds(seconds)).Should().Be(expected);

    [Theory]
    [InlineData(".spec.n", "1")]
    [InlineData("{.spec.n}", "1")]
    [InlineData(".spec.list[1]", "\"b\"")]
    [InlineData(".spec.list[-1]", "\"b\"")]
    [InlineData(".spec.list[*]", "\"a\" \"b\"")]
    [InlineData(""".status.conditions[?(@.type=="Ready")].status""", "\"True\"")]
    [InlineData(".status.conditions[?(@.type!='Ready')].status", "\"False\"")]
    [InlineData(".metadata.labels['x.io/y']", "\"z\"")]
    [InlineData(@".metadata.labels.x\.io/y", "\"z\"")]
    [InlineData(".spec.missing.deep", "")]
    public void A_path_finds_its_values(string path, string expected)
    {
        var value = Samples.Parse("""
            {"metadata":{"labels":{"x.io/y":"z"}},"spec":{"n":1,"list":["a","b"]},
             "status":{"conditions":[{"type":"Other","status":"False"},{"type":"Ready","status":"True"}]}}
            """);

        string.Join(' ', JsonPath.Parse(path).Find(value).Select(v => v.Show())).Should().Be(expected);
    }

    [Theory]
    [InlineData("""{"phase":"Pending"}""", "Pending")]
    [InlineData("""{"phase":"Running","containerStatuses":[{"ready":false,"state":{"waiting":{"reason":"CrashLoopBackOff"}}}]}""", "CrashLoopBackOff")]
    [InlineData("""{"phase":"Failed","containerStatuses":[{"state":{"terminated":{"exitCode":3}}}]}""", "ExitCode:3")]
    [InlineData("""{"phase":"Failed","reason":"Evicted"}""", "Evicted")]
    public void A_pods_status_is_the_most_telling_reason(string status, string expected)
    {
        var pod = Samples.Pod("p");
        pod["status"] = Samples.Parse(status);

        BuiltInColumns.Pods.Single(c => c.Name == "Status").Value(pod, Now)!.GetValue<string>().Should().Be(expected);
    }

    [Fact]
    public void A_pod_that_is_being_deleted_is_terminating()
    {
        var pod = Samples.Pod("p");
        pod.Metadata()["deletionTimestamp"] = "2026-01-01T00:00:00Z";

        BuiltInColumns.Pods.Single(c => c.Name == "Status").Value(pod, Now)!.GetValue<string>().Should().Be("Terminating");
    }
}
