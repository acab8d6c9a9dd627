using System.Text;
using System.Text.Json;
using K8sQueue.Kubernetes.Client;
using K8sQueue.Kubernetes.Serialization;
using K8sQueue.Kubernetes.Tests.Fakes;

namespace K8sQueue.Kubernetes.Tests.Client;

/// <summary>Counts the whole process's memory, so nothing else may run beside it.</summary>
[CollectionDefinition(nameof(WholeMemory), DisableParallelization = true)]
public sealed class WholeMemory;

[Collection(nameof(WholeMemory))]
public class ListReaderTests
{
    private static readonly JsonSerializerOptions Json = KubernetesJson.CreateOptions(TestJsonContext.Default);

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(100)]
    [InlineData(100_000)]
    public async Task A_page_is_the_same_in_whatever_pieces_it_arrives(int piece)
    {
        var text = $$"""
            { "kind":"WidgetList", "metadata":{"resourceVersion":"7","remainingItemCount":3,"continue":"more"}, "odd":[{"items":[]},1,null],
              "items":[{{Answers.Widget("a", "1")}}, {{Answers.Widget("ü€", "2")}} ,{{Answers.Widget("c", "3")}}] , "after":{"x":"y"} }
            """;

        var (page, items) = await ReadAsync(text, piece);

        page.Should().Be(("7", "more"));
        items.Select(i => i.Metadata.Name).Should().Equal("a", "ü€", "c");
        items.Should().OnlyContain(i => i.Kind == "Widget");
    }

    [Fact]
    public async Task Metadata_may_come_after_the_items_and_items_may_be_null()
    {
        (await ReadAsync("""{"items":[],"metadata":{"resourceVersion":"9","continue":""}}""", 5)).Page.Should().Be(("9", null));
        (await ReadAsync("""{"metadata":{"resourceVersion":"9"},"items":null}""", 5)).Items.Should().BeEmpty();
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("{\"items\":[{\"metadata\":")]
    [InlineData("{\"items\":[]")]
    [InlineData("<html>")]
    [InlineData("")]
    [InlineData("{\"items\":[{\"metadata\":7}]}")]
    public async Task What_is_no_list_is_an_error(string text)
    {
        var read = () => ReadAsync(text, 3);

        await read.Should().ThrowAsync<JsonException>();
    }

    [Fact]
    public async Task An_object_that_nests_as_deep_as_the_server_lets_it_keeps_none_of_the_others_from_being_read()
    {
        var deep = string.Concat(Enumerable.Repeat("{\"a\":", 9990)) + "1" + new string('}', 9990);
        var poisoned = Answers.Widget("b", "2").Replace("\"spec\":{", $"\"spec\":{{\"deep\":{deep},", StringComparison.Ordinal);

        var (_, items) = await ReadAsync($$"""{"metadata":{"resourceVersion":"7"},"items":[{{Answers.Widget("a", "1")}},{{poisoned}},{{Answers.Widget("c", "3")}}]}""", 1000);

        poisoned.Should().Contain("deep");
        items.Select(i => i.Metadata.Name).Should().Equal("a", "b", "c");
    }

    [Fact]
    public async Task A_long_list_costs_what_is_kept_of_it()
    {
        const int count = 2000;
        var annotation = new string('x', 4000);
        var item = $$"""{"metadata":{"name":"a","annotations":{"big":"{{annotation}}"} } }""";
        var text = Encoding.UTF8.GetBytes($$"""{"metadata":{"resourceVersion":"7"},"items":[{{string.Join(',', Enumerable.Repeat(item, count))}}]}""");
        var kept = new List<V1Widget>(count);
        await ReadAsync(text, 16_384, kept);
        kept.Clear();

        var before = GC.GetTotalMemory(forceFullCollection: true);
        await ReadAsync(text, 16_384, kept);
        var after = GC.GetTotalMemory(forceFullCollection: true);

        kept.Should().HaveCount(count);
        (after - before).Should().BeLessThan(count * 1500L, "the annotations alone were {0} bytes", count * 8000L);
    }

    private static async Task<((string, string?) Page, List<V1Widget> Items)> ReadAsync(string text, int piece)
    {
        var items = new List<V1Widget>();
        using var body = new Pieces(Encoding.UTF8.GetBytes(text), piece);
        return (await ListReader.ReadAsync(body, Json.TypeInfo<V1Widget>(), null, items, default), items);
    }

    private static async Task ReadAsync(byte[] text, int piece, List<V1Widget> items)
    {
        using var body = new Pieces(text, piece);
        await ListReader.ReadAsync(
            body,
            Json.TypeInfo<V1Widget>(),
            static widget =>
            {
                widget.Metadata.Annotations = null;
                return widget;
            },
            items,
            default);
    }

    private sealed class Pieces(byte[] text, int piece) : MemoryStream(text)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(piece, buffer.Length)], cancellationToken);
    }
}
