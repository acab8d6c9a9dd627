using System.CommandLine;
using K8sQueue.Chaos.Scenarios;

namespace K8sQueue.Chaos.Running;

/// <summary><c>list</c>: what there is to run.</summary>
internal static class ListCommand
{
    public static Command Create()
    {
        var command = new Command("list", "Names the scenarios, and says what each does.");
        command.SetAction(_ =>
        {
            foreach (var scenario in ChaosScenarios.All)
                Console.Out.WriteLine($"{scenario.Name,-22}{scenario.Shows}");
        });
        return command;
    }
}
