using K8sQueue.Core.Jobs;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace K8sQueue.Core.Tests.Jobs;

public sealed class JobRoutesTests
{
    private const string Json = """{"image.resize": "images", "a;b,c=d": "odd", "*": "default"}""";

    [Theory]
    [InlineData("image.resize", "images")]
    [InlineData("a;b,c=d", "odd")]
    [InlineData("email.send", "default")]
    [InlineData("Image.Resize", "default")]
    public void A_type_goes_to_its_queue_and_every_other_one_to_the_stars(string type, string queue)
    {
        JobRoutes.Parse(Json).QueueOf(type).Should().Be(queue);
    }

    [Fact]
    public void A_type_without_a_route_is_refused_with_the_types_that_have_one()
    {
        var routes = JobRoutes.Parse("""{"b": "two", "a": "one"}""");

        routes.TryGetQueue("c", out _).Should().BeFalse();
        FluentActions.Invoking(() => routes.QueueOf("c"))
            .Should().Throw<ArgumentException>().WithMessage("There is no route for job type 'c'. Types with a route: a, b.*");
    }

    [Theory]
    [InlineData("""{"a": "UPPER"}""", "'UPPER', the queue of 'a', is not a queue name: *")]
    [InlineData("""{"": "q"}""", "A job type has 1 to 128 characters, not ''.")]
    [InlineData("""{"a": 1}""", "The queue of 'a' must be a string. *")]
    [InlineData("""{"a": "q", "a": "r"}""", "*Duplicate*a*")]
    [InlineData("""["a"]""", "Expected {*")]
    [InlineData("a=q", "*Expected {*")]
    public void Wrong_routes_are_named(string json, string message)
    {
        FluentActions.Invoking(() => JobRoutes.Parse(json)).Should().Throw<FormatException>().WithMessage(message);
    }

    [Fact]
    public void Routes_come_from_the_environment_or_a_file_that_it_names()
    {
        var file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, Json);

            Routes(("K8SQUEUE_ROUTES", Json)).QueueOf("image.resize").Should().Be("images");
            Routes(("K8SQUEUE_ROUTES_FILE", file)).QueueOf("image.resize").Should().Be("images");
            Routes().IsEmpty.Should().BeTrue();
        }
        finally
        {
            File.Delete(file);
        }

        FluentActions.Invoking(() => Routes(("K8SQUEUE_ROUTES_FILE", "/no/such/file")))
            .Should().Throw<FormatException>().WithMessage("K8SQUEUE_ROUTES: *'/no/such/file'*");
    }

    private static JobRoutes Routes(params (string Name, string Value)[] variables) => new ServiceCollection()
        .AddJobRoutes(new ConfigurationBuilder().AddInMemoryCollection(variables.ToDictionary(v => v.Name, v => (string?)v.Value)).Build())
        .BuildServiceProvider()
        .GetRequiredService<JobRoutes>();
}
