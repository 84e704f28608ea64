{{/*
What a reader is told by environment variables, name: value. Secrets are told by the paths of their files, so that they
stand in no description of a pod. Takes (list $ reader), a service or `setup`.
*/}}
{{- define "reveille.settings" -}}
{{- $root := index . 0 -}}{{- $reader := index . 1 -}}{{- $values := $root.Values -}}
{{- $told := dict
  "REVEILLE_BUS" (printf "kafka://%s" (join "," $values.kafka.brokers))
  "REVEILLE_TOPIC_PREFIX" $values.kafka.topicPrefix
  "REVEILLE_PARTITIONS" (toString $values.kafka.partitions)
  "REVEILLE_REPLICATION" (toString $values.kafka.replication)
  "REVEILLE_LOG_LEVEL" $values.log.level
  "REVEILLE_LOG_FORMAT" $values.log.format -}}
{{- $told = merge $told (include "reveille.kafkaSettings" $root | fromYaml) -}}
{{- if ne $reader "setup" -}}
{{- $told = merge $told (include "reveille.serviceSettings" . | fromYaml) -}}
{{- if eq $reader "ingress" -}}
{{- $told = merge $told (include "reveille.ingressSettings" $root | fromYaml) -}}
{{- end -}}
{{- end -}}
{{- range $name, $about := include "reveille.secretsOf" . | fromYaml -}}
{{- $_ := set $told (printf "%s_FILE" $about.variable) (printf "/run/secrets/reveille/%s" (kebabcase $name)) -}}
{{- end -}}
{{- toYaml $told -}}
{{- end -}}

{{- define "reveille.kafkaSettings" -}}
{{- $kafka := .Values.kafka -}}
{{- if ne $kafka.security "plaintext" }}
REVEILLE_KAFKA_SECURITY: {{ $kafka.security }}
{{- end }}
{{- if hasPrefix "sasl" $kafka.security }}
REVEILLE_KAFKA_SASL: {{ $kafka.sasl.mechanism }}
REVEILLE_KAFKA_USER: {{ $kafka.sasl.user | quote }}
{{- end }}
{{- with $kafka.certificates }}
{{- if .existingSecret }}
{{- with .ca }}
REVEILLE_KAFKA_CA: /etc/reveille/kafka/{{ . }}
{{- end }}
{{- with .cert }}
REVEILLE_KAFKA_CERT: /etc/reveille/kafka/{{ . }}
{{- end }}
{{- with .key }}
REVEILLE_KAFKA_KEY: /etc/reveille/kafka/{{ . }}
{{- end }}
{{- end }}
{{- end }}
{{- end -}}

{{/* Of every service. Takes (list $ service). */}}
{{- define "reveille.serviceSettings" -}}
{{- $root := index . 0 -}}{{- $service := index . 1 -}}{{- $values := $root.Values -}}
REVEILLE_BIND: 0.0.0.0
REVEILLE_GRPC_PORT: "50051"
REVEILLE_ADMIN_PORT: "8081"
REVEILLE_GRACE: {{ $values.graceSeconds | quote }}
{{- with $values.telemetry.endpoint }}
OTEL_EXPORTER_OTLP_ENDPOINT: {{ . | quote }}
{{- end }}
{{- with $values.tls.grpc }}
{{- if .existingSecret }}
REVEILLE_GRPC_CERT: /etc/reveille/grpc/tls.crt
REVEILLE_GRPC_KEY: /etc/reveille/grpc/tls.key
REVEILLE_GRPC_CA: /etc/reveille/grpc/ca.crt
{{- with .serverName }}
REVEILLE_GRPC_NAME: {{ . | quote }}
{{- end }}
{{- end }}
{{- end }}
{{- range (index (include "reveille.services" $root | fromYaml) $service).asks }}
REVEILLE_{{ . | upper | replace "-" "_" }}: {{ include "reveille.grpcAddress" (list $root .) }}
{{- end }}
{{- range $name, $value := merge (dict) (index $values.services $service).settings $values.settings }}
{{ $name }}: {{ $value | toString | quote }}
{{- end }}
{{- end -}}

{{- define "reveille.ingressSettings" -}}
REVEILLE_HOST: 0.0.0.0
REVEILLE_PORT: "3004"
REVEILLE_AGENT_PORT: "3005"
REVEILLE_WEBHOOK_PORT: "3006"
{{- with .Values.http.trustedProxies }}
REVEILLE_TRUSTED_PROXIES: {{ join "," . | quote }}
{{- end }}
{{- if or .Values.fleet.file .Values.fleet.existingConfigMap }}
REVEILLE_FLEET: /etc/reveille/fleet/fleet.yaml
{{- end }}
{{- with .Values.auth.jwt }}
{{- if or .jwks .keys }}
REVEILLE_JWT_JWKS: {{ default "/etc/reveille/jwks/jwks.json" .jwks | quote }}
REVEILLE_JWT_ISSUER: {{ .issuer | quote }}
REVEILLE_JWT_AUDIENCE: {{ .audience | quote }}
REVEILLE_JWT_LEEWAY: {{ .leewaySeconds | quote }}
REVEILLE_JWT_ALGORITHMS: {{ join "," .algorithms | quote }}
REVEILLE_JWT_ROLES_CLAIM: {{ .rolesClaim | quote }}
REVEILLE_JWT_TENANT_CLAIM: {{ .tenantClaim | quote }}
{{- end }}
{{- end }}
{{- with .Values.tls.http }}
{{- if .existingSecret }}
REVEILLE_TLS_CERT: /etc/reveille/http/tls.crt
REVEILLE_TLS_KEY: /etc/reveille/http/tls.key
{{- with .clientCa }}
REVEILLE_TLS_CLIENT_CA: /etc/reveille/http/{{ . }}
{{- end }}
{{- end }}
{{- end }}
{{- end -}}
