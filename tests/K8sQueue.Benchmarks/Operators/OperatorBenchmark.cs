using K8sQueue.Benchmarks.Operators.Report;

namespace K8sQueue.Benchmarks.Operators;

/// <summary>Runs the scenarios one after the other and prints what they showed.</summary>
internal sealed class OperatorBenchmark(OperatorBenchmarkOptions options, TextWriter output)
{
    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        var rows = new List<OperatorFigures>();
        foreach (var scenario in options.Scenarios)
        {
            rows.Add(await new OperatorRun(options, scenario, output).RunAsync(cancellationToken));
            await OperatorReportFile.WriteAsync(options.Output, rows);
        }

        await output.WriteLineAsync();
        OperatorTable.Write(output, rows);
        await output.WriteLineAsync($"\n{Path.Combine(options.Output.FullName, OperatorReportFile.FileName)}");
        foreach (var row in rows.Where(row => !row.IsAsItShouldBe))
            await output.WriteLineAsync($"NOT as it should be: {row.Scenario}: {row.Converged} converged, {row.SteadyWrites} writes at rest");
        return rows.TrueForAll(row => row.IsAsItShouldBe) ? 0 : 1;
    }
}
