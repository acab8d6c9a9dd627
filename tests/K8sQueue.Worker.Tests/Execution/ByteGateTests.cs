using K8sQueue.Worker.Execution.Payloads;

namespace K8sQueue.Worker.Tests.Execution;

public sealed class ByteGateTests
{
    [Fact]
    public async Task Those_who_do_not_fit_wait_in_their_order()
    {
        var gate = new ByteGate(100);
        var first = await gate.EnterAsync(70, CancellationToken.None);
        var second = gate.EnterAsync(40, CancellationToken.None);
        var third = gate.EnterAsync(10, CancellationToken.None);
        second.IsCompleted.Should().BeFalse();
        third.IsCompleted.Should().BeFalse("it would overtake the second for ever");

        first.Dispose();

        await second.WaitAsync(TimeSpan.FromSeconds(30));
        await third.WaitAsync(TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task More_than_all_the_room_is_let_in_alone()
    {
        var gate = new ByteGate(100);
        var large = await gate.EnterAsync(1000, CancellationToken.None);
        var small = gate.EnterAsync(1, CancellationToken.None);
        small.IsCompleted.Should().BeFalse();

        large.Dispose();
        large.Dispose();

        (await small.WaitAsync(TimeSpan.FromSeconds(30))).Dispose();
        (await gate.EnterAsync(100, CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(30))).Dispose();
    }

    [Fact]
    public async Task Who_gives_up_holds_up_nobody()
    {
        var gate = new ByteGate(100);
        using var hold = await gate.EnterAsync(60, CancellationToken.None);
        var (large, giveUp) = Impatient(gate, 90);
        var small = gate.EnterAsync(30, CancellationToken.None);
        small.IsCompleted.Should().BeFalse();

        giveUp();

        (await small.WaitAsync(TimeSpan.FromSeconds(30))).Dispose();
        await FluentActions.Awaiting(() => large).Should().ThrowAsync<OperationCanceledException>();
    }

    private static (Task<IDisposable> Entry, Action GiveUp) Impatient(ByteGate gate, long bytes)
    {
        var stop = new CancellationTokenSource();
        return (gate.EnterAsync(bytes, stop.Token), stop.Cancel);
    }
}
