using K8sQueue.LocalCluster.Api;
using K8sQueue.LocalCluster.Selectors;

namespace K8sQueue.LocalCluster.Tests.Selectors;

public sealed class LabelSelectorTests
{
    [Theory]
    [InlineData("", true)]
    [InlineData("a=1", true)]
    [InlineData("a==1,b=2", true)]
    [InlineData("a!=1", false)]
    [InlineData("missing!=1", true)]
    [InlineData("a in (1, 3)", true)]
    [InlineData("a notin (1)", false)]
    [InlineData("missing notin (1)", true)]
    [InlineData("a", true)]
    [InlineData("!a", false)]
    [InlineData("x.io/name=", true)]
    public void Text_selects(string selector, bool matches) =>
        LabelSelector.Parse(selector).Matches(Samples.Parse("""{"a":"1","b":"2","x.io/name":""}""")).Should().Be(matches);

    [Theory]
    [InlineData("a=1=2")]
    [InlineData("a in 1")]
    [InlineData(",")]
    [InlineData("a>1")]
    public void Nonsense_is_a_bad_request(string selector)
    {
        var parse = () => LabelSelector.Parse(selector);

        parse.Should().Throw<ClusterApiException>().Which.Code.Should().Be(400);
    }

    [Fact]
    public void A_selector_object_reads_as_text()
    {
        LabelSelector.Show(Samples.Parse("""
            {"matchLabels":{"b":"2"},"matchExpressions":[{"key":"a","operator":"In","values":["1","3"]},{"key":"c","operator":"DoesNotExist"}]}
            """)).Should().Be("a in (1,3),b=2,!c");
    }

    [Fact]
    public void No_selector_selects_nothing_and_an_empty_one_everything()
    {
        LabelSelector.From(null).Matches([]).Should().BeFalse();
        LabelSelector.From([]).Matches([]).Should().BeTrue();
    }
}
