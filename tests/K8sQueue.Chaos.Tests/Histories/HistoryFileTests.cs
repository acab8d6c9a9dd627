using K8sQueue.Chaos.Histories;
using K8sQueue.Core.Jobs;

namespace K8sQueue.Chaos.Tests.Histories;

public sealed class HistoryFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("k8squeue-chaos-").FullName;

    [Fact]
    public void What_is_written_is_read_while_the_process_runs()
    {
        var job = JobId.Create("q", tracked: true, TimeProvider.System);
        using var file = HistoryFile.Create(_folder, "w1");
        file.Opened();
        file.Add(HistoryKind.Refused, job, 2, 3, nameof(HistoryKind.Completed));

        HistoryFile.HasOpened(_folder, "w1").Should().BeTrue();
        HistoryFile.HasOpened(_folder, "w2").Should().BeFalse();
        HistoryFile.ReadAll(_folder).Should().HaveCount(2).And.Contain(record =>
            record.Process == "w1" && record.Kind == HistoryKind.Refused && record.Job == job.Value
            && record.Attempt == 2 && record.Epoch == 3 && record.Detail == nameof(HistoryKind.Completed));
    }

    [Fact]
    public void A_line_that_its_process_was_killed_in_is_no_record()
    {
        File.WriteAllText(Path.Combine(_folder, "0.history"), "1 Opened - 0 0 \n2 Fetched q.01JD3V6X9QK4T2M7R8ZB5C1N0F 1 1 \n3 Beg");

        HistoryFile.ReadAll(_folder).Select(record => record.Kind).Should().Equal(HistoryKind.Opened, HistoryKind.Fetched);
    }

    [Fact]
    public void A_line_that_is_none_is_refused() =>
        FluentActions.Invoking(() => HistoryRecord.Parse("w1", "1 Unheard - 0 0 ")).Should().Throw<FormatException>().WithMessage("*Unheard*");

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
