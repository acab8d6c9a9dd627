using System.Globalization;
using K8sQueue.Chaos.Report;

namespace K8sQueue.Chaos.Running;

/// <summary>Runs the scenarios and reports them.</summary>
internal sealed class ChaosRun(RunOptions options, TextWriter output)
{
    /// <returns>The exit code: 1 where a promise was broken, else 0.</returns>
    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        var machine = await Machine.LookAsync();
        var scale = new ChaosScale(options.Quick);
        await output.WriteLineAsync(string.Create(
            CultureInfo.InvariantCulture,
            $"seed {options.Seed}, lease {scale.Lease.TotalSeconds:0.#} s, {machine}"));
        var rows = new List<ChaosRow>();
        foreach (var scenario in options.Scenarios)
        {
            var row = await new ScenarioRun(scenario, scale, options, cancellationToken).RunAsync();
            rows.Add(row);
            await output.WriteLineAsync(string.Create(
                CultureInfo.InvariantCulture,
                $"{(row.Holds ? "ok    " : "BROKEN")} {row.Name,-22} {row.Seconds,6:0.0} s  {string.Join(' ', row.Notes)}"));
        }

        await output.WriteLineAsync();
        ChaosTable.Write(output, rows);
        await output.WriteLineAsync(await ChaosReportFile.WriteAsync(options, machine, rows));
        if (options.IsWhole && options.Evidence is { } evidence)
            await output.WriteLineAsync(await EvidenceDocument.WriteAsync(evidence, machine, scale, rows));
        await WriteBrokenAsync(rows);
        return rows.TrueForAll(row => row.Holds) ? 0 : 1;
    }

    private async Task WriteBrokenAsync(List<ChaosRow> rows)
    {
        foreach (var row in rows.Where(row => !row.Holds))
        {
            foreach (var violation in row.Violations)
                await output.WriteLineAsync($"BROKEN: {row.Name}: {violation}");
            await output.WriteLineAsync(string.Create(
                CultureInfo.InvariantCulture,
                $"  again: make chaos CHAOS_ARGS='{(options.Quick ? "--quick " : "")}--scenario {row.Name} --seed {options.Seed}'; histories: {row.Folder}"));
        }
    }
}
