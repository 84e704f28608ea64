{{/* The Services that stand for ingress's HTTP: suffix: what for. The second one is the new version's alone. */}}
{{- define "reveille.doors" -}}
ingress: HTTP, agent sockets and webhooks; of a rollout the version in use
{{- if eq .Values.rollout.strategy "blueGreen" }}
ingress-preview: the new version, before it is in use
{{- else if and (eq .Values.rollout.strategy "canary") .Values.rollout.canary.trafficRouting }}
ingress-canary: the new version, which gets a part of the requests
{{- end }}
{{- end -}}

{{/* Of ingress, by Argo Rollouts. */}}
{{- define "reveille.rolloutStrategy" -}}
{{- $full := include "reveille.fullname" . -}}{{- $rollout := .Values.rollout -}}
{{- if eq $rollout.strategy "blueGreen" }}
strategy:
  blueGreen:
    activeService: {{ $full }}-ingress
    previewService: {{ $full }}-ingress-preview
    autoPromotionEnabled: {{ $rollout.blueGreen.autoPromote }}
    # So long the old version stays to go back to.
    scaleDownDelaySeconds: {{ $rollout.blueGreen.keepOldSeconds }}
    {{- if $rollout.analysis.enabled }}
    # What fails after the change goes back to the old version by itself.
    postPromotionAnalysis:
      {{- include "reveille.analysisRun" . | trim | nindent 6 }}
    {{- end }}
{{- else }}
strategy:
  canary:
    maxUnavailable: 0
    maxSurge: 1
    {{- with $rollout.canary.trafficRouting }}
    stableService: {{ $full }}-ingress
    canaryService: {{ $full }}-ingress-canary
    trafficRouting:
      {{- if eq . "nginx" }}
      nginx: {stableIngress: {{ $full }}}
      {{- else }}
      plugins:
        argoproj-labs/gatewayAPI: {httpRoute: {{ $full }}, namespace: {{ $.Release.Namespace }}}
      {{- end }}
    {{- end }}
    {{- if $rollout.analysis.enabled }}
    # All the time from the second step on; what fails takes the new version back by itself.
    analysis:
      startingStep: 1
      {{- include "reveille.analysisRun" . | trim | nindent 6 }}
    {{- end }}
    steps:
      {{- range $rollout.canary.steps }}
      - setWeight: {{ .weight }}
      - pause: {{ if .pause }}{duration: {{ .pause }}}{{ else }}{}{{ end }}
      {{- end }}
{{- end }}
{{- end -}}

{{- define "reveille.analysisRun" -}}
templates:
  - templateName: {{ include "reveille.fullname" . }}-ingress
args:
  - name: version
    valueFrom: {podTemplateHashValue: Latest}
{{- end -}}
