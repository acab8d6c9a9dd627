using K8sQueue.Core.Redis;
using K8sQueue.Worker.Hosting;

namespace K8sQueue.Worker.Tests.Hosting;

public sealed class ScriptsCommandTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("k8squeue-scripts-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void It_writes_the_scripts_of_the_queue_without_any_setting()
    {
        var output = Path.Combine(_directory, "scripts");
        var expected = Path.Combine(_directory, "expected");
        RedisScriptExport.WriteTo(expected);

        WorkerProgram.Run(["scripts", "--output", output]).Should().Be(0);

        Directory.GetFiles(output).Select(Path.GetFileName).Should().BeEquivalentTo(Directory.GetFiles(expected).Select(Path.GetFileName));
        foreach (var file in Directory.GetFiles(output))
            File.ReadAllBytes(file).Should().Equal(File.ReadAllBytes(Path.Combine(expected, Path.GetFileName(file))));
    }

    [Theory]
    [InlineData("usage: K8sQueue.Worker scripts --output DIR*")]
    [InlineData("usage: *", "--output")]
    [InlineData("usage: *", "--output", "")]
    [InlineData("usage: *", "scripts")]
    [InlineData("k8squeue-worker: the scripts can't be written: *", "--output", "/dev/null/scripts")]
    public void What_it_cannot_do_it_says(string message, params string[] arguments)
    {
        using var error = new StringWriter();

        ScriptsCommand.Run(arguments, error).Should().Be(WorkerExit.Misconfigured);

        error.ToString().Should().Match(message);
    }
}
