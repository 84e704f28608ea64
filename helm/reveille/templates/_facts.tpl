{{/*
What is so, as data: which services there are, which secrets each reads, and to whom each connects. Everything else
ranges over these. The READMEs of services say the same to people, and a test compares them.
*/}}

{{/*
consumes: has an inbox, so that its name in the Kafka group must be the same after a restart, and more replicas than
partitions would do nothing. asks: whose gRPC it calls. peers: whom else.
*/}}
{{- define "reveille.services" -}}
ingress:
  consumes: false
  asks: [analyzer, planner, budget, agent-runner]
  peers: [eventStore, views, blobs, kafka, redis, web, telemetry]
analyzer:
  consumes: true
  asks: []
  peers: [eventStore, views, blobs, kafka, telemetry]
planner:
  consumes: true
  asks: []
  peers: [eventStore, views, blobs, kafka, redis, telemetry]
budget:
  consumes: true
  asks: []
  peers: [eventStore, views, blobs, kafka, telemetry]
agent-runner:
  consumes: true
  asks: [ingress]
  peers: [eventStore, views, blobs, kafka, redis, models, telemetry]
{{- end -}}

{{/* The value's name: the setting, and who reads it; `setup` are the jobs before an installation or upgrade. */}}
{{- define "reveille.secrets" -}}
key: {variable: REVEILLE_KEY, readers: [ingress, analyzer, planner, budget, agent-runner]}
eventStore: {variable: REVEILLE_EVENT_STORE, readers: [ingress, analyzer, planner, budget, agent-runner, setup]}
views: {variable: REVEILLE_VIEWS, readers: [ingress, analyzer, planner, budget, agent-runner, setup]}
blobs: {variable: REVEILLE_BLOBS, readers: [ingress, analyzer, planner, budget, agent-runner, setup]}
redis: {variable: REVEILLE_REDIS_URL, readers: [ingress, planner, agent-runner]}
kafkaPassword: {variable: REVEILLE_KAFKA_PASSWORD, readers: [ingress, analyzer, planner, budget, agent-runner, setup]}
encryptionKeys: {variable: REVEILLE_ENCRYPTION_KEYS, readers: [ingress, analyzer, planner, budget, agent-runner]}
adminKey: {variable: REVEILLE_ADMIN_KEY, readers: [ingress]}
githubSecret: {variable: REVEILLE_GITHUB_SECRET, readers: [ingress]}
gitlabSecret: {variable: REVEILLE_GITLAB_SECRET, readers: [ingress]}
jenkinsSecret: {variable: REVEILLE_JENKINS_SECRET, readers: [ingress]}
ciSecret: {variable: REVEILLE_CI_SECRET, readers: [ingress]}
prometheusSecret: {variable: REVEILLE_PROMETHEUS_SECRET, readers: [ingress]}
customSecrets: {variable: REVEILLE_CUSTOM_SECRETS, readers: [ingress]}
tenantSecrets: {variable: REVEILLE_TENANT_SECRETS, readers: [ingress]}
notificationSecrets: {variable: REVEILLE_NOTIFICATION_SECRETS, readers: [ingress]}
wakeToken: {variable: REVEILLE_WAKE_TOKEN, readers: [ingress]}
fleetToken: {variable: REVEILLE_FLEET_TOKEN, readers: [ingress]}
planToken: {variable: REVEILLE_PLAN_TOKEN, readers: [ingress]}
approvalToken: {variable: REVEILLE_APPROVAL_TOKEN, readers: [ingress]}
agentKeys: {variable: REVEILLE_AGENT_KEYS, readers: [ingress]}
githubToken: {variable: REVEILLE_GITHUB_TOKEN, readers: [ingress]}
gitlabToken: {variable: REVEILLE_GITLAB_TOKEN, readers: [ingress]}
anthropicApiKey: {variable: ANTHROPIC_API_KEY, readers: [agent-runner]}
openaiApiKey: {variable: OPENAI_API_KEY, readers: [agent-runner]}
{{- end -}}

{{/* Of the above those that are given and that a reader reads. Takes (list $ reader); answers name: {…, secret, key}. */}}
{{- define "reveille.secretsOf" -}}
{{- $root := index . 0 -}}{{- $reader := index . 1 -}}{{- $found := dict -}}
{{- range $name, $about := include "reveille.secrets" $root | fromYaml -}}
{{- $given := index $root.Values.secrets $name -}}
{{- if and (has $reader $about.readers) (include "reveille.isGiven" (list $root $name $reader)) -}}
{{- $made := printf "%s-%s" (include "reveille.fullname" $root) (ternary "setup" "secrets" (eq $reader "setup")) -}}
{{- $entry := dict "variable" $about.variable "secret" (default $made $given.existingSecret) "key" (ternary (default (kebabcase $name) $given.key) (kebabcase $name) (ne $given.existingSecret "")) -}}
{{- $_ := set $found $name $entry -}}
{{- end -}}
{{- end -}}
{{- toYaml $found -}}
{{- end -}}

{{/*
Whether a secret is given, and means something to a reader. Takes (list $ name reader); answers "yes" or nothing.
Blobs are of ingress and the agent-runner; beside them are the keys of what is encrypted, which all need.
*/}}
{{- define "reveille.isGiven" -}}
{{- $values := (index . 0).Values -}}{{- $name := index . 1 -}}{{- $reader := index . 2 -}}
{{- $given := index $values.secrets $name -}}
{{- $meant := or (ne $name "blobs") $values.encryption.enabled (has $reader (list "ingress" "agent-runner" "setup")) -}}
{{- if and $meant (or $given.value $given.existingSecret) -}}yes{{- end -}}
{{- end -}}

{{/* Whether somebody connects to a peer, by what is given. Takes (list $ peer who); answers "yes" or nothing. */}}
{{- define "reveille.peerIsUsed" -}}
{{- $root := index . 0 -}}{{- $peer := index . 1 -}}
{{- if has $peer (list "blobs" "redis") -}}
{{- include "reveille.isGiven" . -}}
{{- else if eq $peer "telemetry" -}}
{{- if $root.Values.telemetry.endpoint -}}yes{{- end -}}
{{- else -}}yes{{- end -}}
{{- end -}}
