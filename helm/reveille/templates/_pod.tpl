{{/* What a container is told. Takes (list $ reader). */}}
{{- define "reveille.environment" -}}
{{- range $name, $value := include "reveille.settings" . | fromYaml }}
- name: {{ $name }}
  value: {{ $value | quote }}
{{- end }}
{{- end -}}

{{/* What is mounted, by the volume's name. Takes (list $ reader). */}}
{{- define "reveille.mounted" -}}
{{- $root := index . 0 -}}{{- $reader := index . 1 -}}{{- $values := $root.Values -}}
{{- $full := include "reveille.fullname" $root -}}
tmp:
  path: /tmp
  writable: true
  source: {emptyDir: {sizeLimit: {{ $values.tmpSize }}}}
{{- $secrets := include "reveille.secretsOf" . | fromYaml }}
{{- if $secrets }}
secrets:
  path: /run/secrets/reveille
  source:
    projected:
      # The group of the pod's user, and nobody else.
      defaultMode: 0440
      sources:
        {{- range $name, $about := $secrets }}
        - secret: {name: {{ $about.secret }}, items: [{key: {{ $about.key }}, path: {{ kebabcase $name }}}]}
        {{- end }}
{{- end }}
{{- with $values.kafka.certificates.existingSecret }}
kafka:
  path: /etc/reveille/kafka
  source: {secret: {secretName: {{ . }}, defaultMode: 0440}}
{{- end }}
{{- with $values.tls.databases.existingSecret }}
databases:
  path: /etc/reveille/databases
  source: {secret: {secretName: {{ . }}, defaultMode: 0440}}
{{- end }}
{{- if ne $reader "setup" }}
{{- with $values.tls.grpc.existingSecret }}
grpc:
  path: /etc/reveille/grpc
  source: {secret: {secretName: {{ . }}, defaultMode: 0440}}
{{- end }}
{{- end }}
{{- if eq $reader "ingress" }}
{{- with $values.tls.http.existingSecret }}
http:
  path: /etc/reveille/http
  source: {secret: {secretName: {{ . }}, defaultMode: 0440}}
{{- end }}
{{- with $values.fleet }}
{{- if or .file .existingConfigMap }}
fleet:
  path: /etc/reveille/fleet
  source: {configMap: {name: {{ default (printf "%s-fleet" $full) .existingConfigMap }}, items: [{key: {{ .key }}, path: fleet.yaml}]}}
{{- end }}
{{- end }}
{{- if $values.auth.jwt.keys }}
jwks:
  path: /etc/reveille/jwks
  source: {configMap: {name: {{ $full }}-jwks}}
{{- end }}
{{- end }}
{{- end -}}

{{- define "reveille.mounts" -}}
{{- range $name, $about := include "reveille.mounted" . | fromYaml }}
- {name: {{ $name }}, mountPath: {{ $about.path }}{{ if not $about.writable }}, readOnly: true{{ end }}}
{{- end }}
{{- end -}}

{{- define "reveille.volumes" -}}
{{- range $name, $about := include "reveille.mounted" . | fromYaml }}
- {{ merge (dict "name" $name) $about.source | toJson }}
{{- end }}
{{- end -}}

{{- define "reveille.podSecurity" -}}
runAsNonRoot: true
runAsUser: 10001
runAsGroup: 10001
fsGroup: 10001
fsGroupChangePolicy: OnRootMismatch
seccompProfile: {type: RuntimeDefault}
{{- end -}}

{{- define "reveille.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
runAsNonRoot: true
capabilities: {drop: [ALL]}
{{- end -}}

{{/* What the pods of services, jobs and tests have in common. Takes (list $). */}}
{{- define "reveille.podCommon" -}}
{{- $root := index . 0 -}}
automountServiceAccountToken: false
# Otherwise Kubernetes tells every pod of every service beside it by variables, and one called reveille by REVEILLE_PORT.
enableServiceLinks: false
securityContext:
  {{- include "reveille.podSecurity" . | nindent 2 }}
{{- with $root.Values.image.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
{{- end -}}

{{/* Takes (list $ service). */}}
{{- define "reveille.podTemplate" -}}
{{- $root := index . 0 -}}{{- $service := index . 1 -}}{{- $values := $root.Values -}}
{{- $own := index $values.services $service -}}
metadata:
  labels:
    {{- include "reveille.selector" . | nindent 4 }}
    app.kubernetes.io/version: {{ default $root.Chart.AppVersion $values.image.tag | quote }}
    {{- with merge (dict) $own.pod.labels $values.pod.labels }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  annotations:
    # What is mounted is read at start: who changes it restarts those who read it.
    checksum/secrets: {{ include (print $root.Template.BasePath "/secrets.yaml") $root | sha256sum }}
    checksum/files: {{ include (print $root.Template.BasePath "/files.yaml") $root | sha256sum }}
    {{- with merge (dict) $own.pod.annotations $values.pod.annotations }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
spec:
  serviceAccountName: {{ include "reveille.fullname" $root }}-{{ $service }}
  {{- include "reveille.podCommon" . | nindent 2 }}
  # Until others have heard that it goes, then what its runs have to end, then what a process has to exit in any case.
  terminationGracePeriodSeconds: {{ add $values.preStopSeconds $values.graceSeconds 15 }}
  {{- range $name := list "priorityClassName" "nodeSelector" "tolerations" "affinity" }}
  {{- with default (index $values.pod $name) (index $own.pod $name) }}
  {{ $name }}: {{ toJson . }}
  {{- end }}
  {{- end }}
  topologySpreadConstraints:
    {{- range $key, $when := dict "topology.kubernetes.io/zone" $values.spread.zones "kubernetes.io/hostname" $values.spread.hosts }}
    - topologyKey: {{ $key }}
      maxSkew: 1
      whenUnsatisfiable: {{ $when }}
      labelSelector:
        matchLabels:
          {{- include "reveille.selector" (list $root $service) | nindent 10 }}
    {{- end }}
  containers:
    - name: {{ $service }}
      image: {{ include "reveille.image" $root }}
      imagePullPolicy: {{ $values.image.pullPolicy }}
      command: [reveille, serve, {{ $service }}]
      securityContext:
        {{- include "reveille.containerSecurity" . | nindent 8 }}
      env:
        - name: REVEILLE_INSTANCE
          valueFrom: {fieldRef: {fieldPath: metadata.name}}
        {{- include "reveille.environment" . | trim | nindent 8 }}
      ports:
        - {name: grpc, containerPort: 50051}
        - {name: admin, containerPort: 8081}
        {{- if eq $service "ingress" }}
        - {name: http, containerPort: 3004}
        - {name: agents, containerPort: 3005}
        - {name: webhooks, containerPort: 3006}
        {{- end }}
      # Its schemas may have to be made first, and its views to catch up with a long log.
      startupProbe:
        httpGet: {path: /healthz, port: admin}
        periodSeconds: 2
        timeoutSeconds: 2
        failureThreshold: 90
      readinessProbe:
        httpGet: {path: /readyz, port: admin}
        periodSeconds: 5
        timeoutSeconds: 3
        failureThreshold: 2
      # Says nothing of others: no restart mends a broker that is away.
      livenessProbe:
        httpGet: {path: /healthz, port: admin}
        periodSeconds: 10
        timeoutSeconds: 5
        failureThreshold: 6
      lifecycle:
        preStop: {exec: {command: [sleep, {{ $values.preStopSeconds | quote }}]}}
      resources: {{ toJson $own.resources }}
      volumeMounts:
        {{- include "reveille.mounts" . | trim | nindent 8 }}
  volumes:
    {{- include "reveille.volumes" . | trim | nindent 4 }}
{{- end -}}
