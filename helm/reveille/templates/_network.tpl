{{- define "reveille.egressDns" -}}
- ports: [{port: 53, protocol: UDP}, {port: 53, protocol: TCP}]
  {{- with .Values.networkPolicy.peers.dns.to }}
  to:
    {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end -}}

{{/* Nothing where the peer is not used, or has no port. Takes (list $ peer who). */}}
{{- define "reveille.egressTo" -}}
{{- $peer := index (index . 0).Values.networkPolicy.peers (index . 1) -}}
{{- if and (include "reveille.peerIsUsed" .) $peer.ports -}}
- ports:
    {{- range $peer.ports }}
    - {port: {{ . }}, protocol: TCP}
    {{- end }}
  {{- with $peer.to }}
  to:
    {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end -}}
{{- end -}}
