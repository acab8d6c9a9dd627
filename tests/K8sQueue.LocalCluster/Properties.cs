using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("K8sQueue.LocalCluster.Tests")]
[assembly: InternalsVisibleTo("K8sQueue.Chart.Tests")]
