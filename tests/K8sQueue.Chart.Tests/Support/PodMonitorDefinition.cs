namespace K8sQueue.Chart.Tests.Support;

/// <summary>The Prometheus operator's PodMonitor, as far as the chart uses it, and strict about the rest.</summary>
internal static class PodMonitorDefinition
{
    public const string Yaml = """
        apiVersion: apiextensions.k8s.io/v1
        kind: CustomResourceDefinition
        metadata: {name: podmonitors.monitoring.coreos.com}
        spec:
          group: monitoring.coreos.com
          scope: Namespaced
          names: {kind: PodMonitor, listKind: PodMonitorList, plural: podmonitors, singular: podmonitor}
          versions:
          - name: v1
            served: true
            storage: true
            schema:
              openAPIV3Schema:
                type: object
                properties:
                  spec:
                    type: object
                    required: [selector, podMetricsEndpoints]
                    properties:
                      selector: {type: object, properties: {matchLabels: {type: object, additionalProperties: {type: string}}}}
                      podMetricsEndpoints:
                        type: array
                        items:
                          type: object
                          properties:
                            port: {type: string}
                            path: {type: string}
                            interval: {type: string}
                            scheme: {type: string, enum: [http, https]}
                            tlsConfig: {type: object, properties: {insecureSkipVerify: {type: boolean}}}
        """;
}
