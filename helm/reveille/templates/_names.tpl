{{- define "reveille.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 40 | trimSuffix "-" -}}
{{- end -}}

{{/* At most 40 characters: what is added to it must still be a name of DNS. */}}
{{- define "reveille.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 40 | trimSuffix "-" -}}
{{- else if contains (include "reveille.name" .) .Release.Name -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name (include "reveille.name" .) | trunc 40 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{/* By these pods are selected; they never change. Takes (list $ component). */}}
{{- define "reveille.selector" -}}
{{- $root := index . 0 -}}
app.kubernetes.io/name: {{ include "reveille.name" $root }}
app.kubernetes.io/instance: {{ $root.Release.Name }}
app.kubernetes.io/component: {{ index . 1 }}
{{- end -}}

{{- define "reveille.labels" -}}
{{- $root := index . 0 -}}
{{ include "reveille.selector" . }}
app.kubernetes.io/version: {{ default $root.Chart.AppVersion $root.Values.image.tag | quote }}
app.kubernetes.io/part-of: reveille
app.kubernetes.io/managed-by: {{ $root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" $root.Chart.Name $root.Chart.Version | replace "+" "_" }}
{{- end -}}

{{/* One for all: what it is told says which service it is. */}}
{{- define "reveille.image" -}}
{{- with .Values.image -}}
{{- with .registry }}{{ . | trimSuffix "/" }}/{{ end -}}
{{- .repository -}}
{{- with .digest }}@{{ . }}{{- else }}:{{ default (printf "v%s" $.Chart.AppVersion) .tag }}{{- end -}}
{{- end -}}
{{- end -}}

{{/* Where a service's gRPC is found: a name that stands for all of its replicas. Takes (list $ service). */}}
{{- define "reveille.grpcAddress" -}}
{{ include "reveille.fullname" (index . 0) }}-{{ index . 1 }}-grpc:50051
{{- end -}}
