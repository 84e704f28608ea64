{{- define "reveille.kedaIsUsed" -}}
{{- range $service, $own := .Values.services -}}{{- if dig "keda" "enabled" false $own -}}yes{{- end -}}{{- end -}}
{{- end -}}

{{/* What the schema cannot say: fails with a sentence for each mistake, which says what to write. */}}
{{- define "reveille.validate" -}}
{{- $mistakes := concat
  (include "reveille.secretMistakes" . | fromYamlArray)
  (include "reveille.peerMistakes" . | fromYamlArray)
  (include "reveille.accessMistakes" . | fromYamlArray)
  (include "reveille.scaleMistakes" . | fromYamlArray)
  (include "reveille.doorMistakes" . | fromYamlArray)
  (include "reveille.settingMistakes" . | fromYamlArray) -}}
{{- if $mistakes -}}
{{- fail (printf "\n\n%s\n" (join "\n" $mistakes)) -}}
{{- end -}}
{{- end -}}

{{- define "reveille.secretMistakes" -}}
{{- $values := .Values -}}
{{- range $name, $about := include "reveille.secrets" . | fromYaml }}
{{- $given := index $values.secrets $name }}
{{- if and $given.value $given.existingSecret }}
- {{ printf "secrets.%s has a value and an existingSecret: leave one of them out" $name | quote }}
{{- else if and $given.key (not $given.existingSecret) }}
- {{ printf "secrets.%s.key is a key of an existingSecret, and there is none: write secrets.%s.existingSecret, or leave the key out" $name $name | quote }}
{{- end }}
{{- end }}
{{- with $values.secrets }}
{{- if not (or .key.value .key.existingSecret) }}
- "the platform's key is missing: write secrets.key.existingSecret, or secrets.key.value with what `openssl rand -hex 32` prints; it stays the same for as long as the log lives"
{{- else if and .key.value (not (regexMatch "^([0-9a-fA-F]{2}){32,}$" .key.value)) }}
- "secrets.key.value is no key: write at least 64 hexadecimal digits, as `openssl rand -hex 32` prints them"
{{- end }}
{{- if and .adminKey.value (lt (len .adminKey.value) 32) }}
- {{ printf "secrets.adminKey.value has %d characters: write at least 32, as `openssl rand -hex 32` prints them" (len .adminKey.value) | quote }}
{{- end }}
{{- end }}
{{- if and $values.encryption.enabled (not (or $values.secrets.encryptionKeys.value $values.secrets.encryptionKeys.existingSecret)) }}
- "encryption.enabled is set without keys: write secrets.encryptionKeys.existingSecret, or .value with a line `1=<64 hexadecimal digits>`"
{{- end }}
{{- if and (not $values.encryption.enabled) (or $values.secrets.encryptionKeys.value $values.secrets.encryptionKeys.existingSecret) }}
- "secrets.encryptionKeys is given and nothing would be encrypted: write encryption.enabled: true, or leave the keys out"
{{- end }}
{{- end -}}

{{- define "reveille.peerMistakes" -}}
{{- $values := .Values -}}
{{- with $values.secrets }}
{{- if not (or .eventStore.value .eventStore.existingSecret) }}
- "there is no event store: write secrets.eventStore.existingSecret, or .value with postgresql://…, esdb://… or esdb+discover://…"
{{- else if and .eventStore.value (not (regexMatch "^(postgresql|esdb|esdb\\+discover)://" .eventStore.value)) }}
- "secrets.eventStore.value is no event store: write postgresql://…, esdb://… or esdb+discover://…"
{{- end }}
{{- if not (or .views.value .views.existingSecret) }}
- "there is no database of views: write secrets.views.existingSecret, or .value with postgresql://…"
{{- end }}
{{- range $name := list "views" "blobs" }}
{{- $value := (index $values.secrets $name).value }}
{{- if and $value (not (hasPrefix "postgresql://" $value)) }}
- {{ printf "secrets.%s.value is no database: write postgresql://…" $name | quote }}
{{- end }}
{{- end }}
{{- if and .redis.value (not (regexMatch "^rediss?://" .redis.value)) }}
- "secrets.redis.value is no Redis: write redis://… or rediss://…, or leave it out"
{{- end }}
{{- end }}
{{- with $values.kafka }}
{{- if not .brokers }}
- "there is no Kafka: write kafka.brokers, such as [kafka-0.kafka:9092, kafka-1.kafka:9092]"
{{- end }}
{{- $password := or $values.secrets.kafkaPassword.value $values.secrets.kafkaPassword.existingSecret }}
{{- if hasPrefix "sasl" .security }}
{{- if not (and .sasl.mechanism .sasl.user $password) }}
- {{ printf "kafka.security is %s without who connects: write kafka.sasl.mechanism, kafka.sasl.user and secrets.kafkaPassword" .security | quote }}
{{- end }}
{{- else if or .sasl.mechanism .sasl.user $password }}
- {{ printf "kafka.security is %s, and nobody would be told kafka.sasl and secrets.kafkaPassword: write sasl_ssl, or leave them out" .security | quote }}
{{- end }}
{{- if and .certificates.existingSecret (not (has .security (list "ssl" "sasl_ssl"))) }}
- {{ printf "kafka.certificates are given and kafka.security is %s: write ssl or sasl_ssl, or leave them out" .security | quote }}
{{- end }}
{{- if ne (empty .certificates.cert) (empty .certificates.key) }}
- "kafka.certificates has one of cert and key: write both, or none"
{{- end }}
{{- end }}
{{- end -}}

{{- define "reveille.accessMistakes" -}}
{{- $jwt := .Values.auth.jwt }}{{- $admin := .Values.secrets.adminKey -}}
{{- if not (or $admin.value $admin.existingSecret $jwt.jwks $jwt.keys) }}
- "nobody could come in: write secrets.adminKey.existingSecret (or .value, at least 32 characters), or auth.jwt.jwks"
{{- end }}
{{- if and $jwt.jwks $jwt.keys }}
- "auth.jwt has jwks and keys: write the URL or the keys themselves"
{{- end }}
{{- if and (or $jwt.jwks $jwt.keys) (not (and $jwt.issuer $jwt.audience)) }}
- "auth.jwt would take tokens of anybody for anything: write auth.jwt.issuer and auth.jwt.audience"
{{- end }}
{{- if and (or $jwt.issuer $jwt.audience) (not (or $jwt.jwks $jwt.keys)) }}
- "auth.jwt has no keys to check tokens with: write auth.jwt.jwks (a URL) or auth.jwt.keys (the set itself)"
{{- end }}
{{- if and .Values.tls.http.clientCa (not .Values.tls.http.existingSecret) }}
- "tls.http.clientCa is given without a certificate to serve with: write tls.http.existingSecret"
{{- end }}
{{- if and .Values.tls.grpc.serverName (not .Values.tls.grpc.existingSecret) }}
- "tls.grpc.serverName is given without certificates: write tls.grpc.existingSecret"
{{- end }}
{{- end -}}

{{- define "reveille.scaleMistakes" -}}
{{- $values := .Values -}}
{{- range $service, $about := include "reveille.services" . | fromYaml }}
{{- $own := index $values.services $service }}
{{- $most := $own.replicas | int }}{{- $which := "replicas" }}
{{- range $how := list "autoscaling" "keda" }}
{{- $scaling := dig $how (dict "enabled" false) $own }}
{{- if $scaling.enabled }}
{{- $most = $scaling.max | int }}{{- $which = printf "%s.max" $how }}
{{- if gt ($scaling.min | int) ($scaling.max | int) }}
- {{ printf "services.%s.%s.min is %d, more than its max %d: write a min that is no more" $service $how ($scaling.min | int) ($scaling.max | int) | quote }}
{{- end }}
{{- end }}
{{- end }}
{{- if and $about.consumes (gt $most ($values.kafka.partitions | int)) }}
- {{ printf "services.%s.%s is %d, and kafka.partitions %d: more replicas than partitions have nothing to do; write at most %d" $service $which $most ($values.kafka.partitions | int) ($values.kafka.partitions | int) | quote }}
{{- end }}
{{- if and $own.autoscaling.enabled (dig "keda" "enabled" false $own) }}
- {{ printf "services.%s has autoscaling and keda, which would pull at the same replicas: enable one of them" $service | quote }}
{{- end }}
{{- end }}
{{- end -}}

{{- define "reveille.doorMistakes" -}}
{{- with .Values }}
{{- if and .fleet.file .fleet.existingConfigMap }}
- "fleet has a file and an existingConfigMap: leave one of them out"
{{- end }}
{{- if and .http.externalTrafficPolicy (eq .http.type "ClusterIP") }}
- "http.externalTrafficPolicy is of a Service that is reached from outside, and http.type is ClusterIP: write LoadBalancer or NodePort, or leave it out"
{{- end }}
{{- if and .ingress.enabled (not .ingress.hosts) }}
- "ingress.enabled is set without a host: write ingress.hosts, such as [reveille.example.com]"
{{- end }}
{{- if and .gateway.enabled (not .gateway.parentRefs) }}
- "gateway.enabled is set without a Gateway: write gateway.parentRefs, such as [{name: public, namespace: gateways}]"
{{- end }}
{{- if eq .rollout.strategy "canary" }}
{{- if and (eq .rollout.canary.trafficRouting "nginx") (not .ingress.enabled) }}
- "rollout.canary.trafficRouting is nginx, which routes by an Ingress: write ingress.enabled: true, or leave the routing out"
{{- end }}
{{- if and (eq .rollout.canary.trafficRouting "gatewayAPI") (not .gateway.enabled) }}
- "rollout.canary.trafficRouting is gatewayAPI, which routes by an HTTPRoute: write gateway.enabled: true, or leave the routing out"
{{- end }}
{{- end }}
{{- if and .rollout.strategy .rollout.analysis.enabled (not .rollout.analysis.prometheus) }}
- "rollout.analysis.enabled is set without a Prometheus to ask: write rollout.analysis.prometheus, such as http://prometheus.monitoring:9090, or rollout.analysis.enabled: false"
{{- end }}
{{- end }}
{{- range $what, $files := dict "rules" "alerts/*.yaml" "dashboards" "dashboards/*.json" }}
{{- if and (index $.Values.monitoring $what).enabled (not ($.Files.Glob $files)) }}
- "monitoring.{{ $what }}.enabled is set and this chart has no {{ $files }}: leave it out, or take the chart from a checkout that keeps symbolic links"
{{- end }}
{{- end }}
{{- end -}}

{{/* Of what is told by `settings`: nothing that has a value of its own. */}}
{{- define "reveille.settingMistakes" -}}
{{- $root := . -}}
{{- $secrets := dict -}}
{{- range $name, $about := include "reveille.secrets" . | fromYaml }}{{ $_ := set $secrets $about.variable $name }}{{ end }}
{{- $without := deepCopy .Values }}
{{- $_ := set $without "settings" dict }}
{{- range $service, $own := $without.services }}{{ $_ := set $own "settings" dict }}{{ end }}
{{- $bare := dict "Values" $without "Chart" .Chart "Release" .Release "Template" .Template }}
{{- range $service, $about := include "reveille.services" . | fromYaml }}
{{- $set := merge (dict "REVEILLE_INSTANCE" "") (include "reveille.settings" (list $bare $service) | fromYaml) }}
{{- range $where, $told := dict "settings" $root.Values.settings (printf "services.%s.settings" $service) (index $root.Values.services $service).settings }}
{{- range $variable, $_ := $told }}
{{- $secret := index $secrets (trimSuffix "_FILE" $variable) }}
{{- if $secret }}
- {{ printf "%s names %s, a secret: write it as secrets.%s" $where $variable $secret | quote }}
{{- else if hasKey $set $variable }}
- {{ printf "%s names %s, which the chart sets itself: take it out, and look in values.yaml for the value that says it" $where $variable | quote }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
{{- end -}}
