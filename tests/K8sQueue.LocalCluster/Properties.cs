using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("K8sQueue.LocalCluster.Tests")]
