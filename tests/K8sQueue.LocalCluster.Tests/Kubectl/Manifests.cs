namespace K8sQueue.LocalCluster.Tests.Kubectl;

/// <summary>What the tests apply.</summary>
internal static class Manifests
{
    public const string WidgetDefinition = """
        apiVersion: apiextensions.k8s.io/v1
        kind: CustomResourceDefinition
        metadata: {name: widgets.example.com}
        spec:
          group: example.com
          scope: Namespaced
          names: {plural: widgets, singular: widget, kind: Widget, shortNames: [wd], categories: [all]}
          versions:
          - name: v1
            served: true
            storage: true
            subresources:
              status: {}
              scale: {specReplicasPath: .spec.replicas, statusReplicasPath: .status.replicas, labelSelectorPath: .status.selector}
            additionalPrinterColumns:
            - {name: Size, type: integer, jsonPath: .spec.replicas}
            - {name: Ready, type: string, jsonPath: '.status.conditions[?(@.type=="Ready")].status'}
            - {name: Colour, type: string, jsonPath: .spec.colour, priority: 1}
            schema:
              openAPIV3Schema:
                type: object
                required: [spec]
                properties:
                  spec:
                    type: object
                    description: What a widget is.
                    properties:
                      replicas: {type: integer, minimum: 0, maximum: 10, default: 1}
                      colour: {type: string, enum: [red, blue], default: red}
                      parts:
                        type: array
                        maxItems: 3
                        x-kubernetes-list-type: map
                        x-kubernetes-list-map-keys: [name]
                        items:
                          type: object
                          required: [name]
                          properties: {name: {type: string}, size: {type: integer}}
                  status:
                    type: object
                    x-kubernetes-preserve-unknown-fields: true
        """;

    public static string Widget(string name, string spec = "{replicas: 2}") => $"""
        apiVersion: example.com/v1
        kind: Widget
        metadata:
          name: {name}
        spec: {spec}
        """;

    public static string Deployment(string name, string image = "busybox:1", string container = "{name: main, image: IMAGE, env: [{name: A, value: '1'}]}") => $$"""
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: {{name}}, labels: {app: {{name}} } }
        spec:
          selector: {matchLabels: {app: {{name}} } }
          template:
            metadata: {labels: {app: {{name}} } }
            spec: {containers: [{{container.Replace("IMAGE", image, StringComparison.Ordinal)}}]}
        """;

    public static string Pod(string name, string finalizers = "[]") => $$"""
        apiVersion: v1
        kind: Pod
        metadata: {name: {{name}}, finalizers: {{finalizers}} }
        spec: {containers: [{name: main, image: "busybox:1"}]}
        """;
}
