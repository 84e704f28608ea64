"""Values that would make nothing of use are refused by the chart, with a sentence that says what to write."""

import pytest

from tests.architecture.chart.rendering import refusal

KEY = "secrets.key.value="


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ([KEY], "write secrets.key.existingSecret, or secrets.key.value with what `openssl rand -hex 32` prints"),
        ([f"{KEY}0123"], "secrets.key.value is no key: write at least 64 hexadecimal digits"),
        (["secrets.key.existingSecret=other"], "secrets.key has a value and an existingSecret: leave one of them out"),
        (["secrets.redis.key=url"], "secrets.redis.key is a key of an existingSecret, and there is none"),
        (["secrets.adminKey.value=short"], "secrets.adminKey.value has 5 characters: write at least 32"),
        (["secrets.adminKey.value="], "nobody could come in: write secrets.adminKey.existingSecret"),
        (["secrets.eventStore.value="], "there is no event store: write secrets.eventStore.existingSecret"),
        (["secrets.eventStore.value=mysql://x"], "secrets.eventStore.value is no event store: write postgresql://…"),
        (["secrets.views.value="], "there is no database of views: write secrets.views.existingSecret"),
        (["secrets.views.value=esdb://x"], "secrets.views.value is no database: write postgresql://…"),
        (["secrets.blobs.value=s3://x"], "secrets.blobs.value is no database: write postgresql://…"),
        (["secrets.redis.value=http://x"], "secrets.redis.value is no Redis: write redis://… or rediss://…"),
        (["kafka.brokers=[]"], "there is no Kafka: write kafka.brokers, such as [kafka-0.kafka:9092"),
        (["kafka.security=sasl_ssl"], "write kafka.sasl.mechanism, kafka.sasl.user and secrets.kafkaPassword"),
        (["kafka.sasl.user=me"], "kafka.security is plaintext, and nobody would be told kafka.sasl"),
        (["kafka.certificates.existingSecret=ca"], "kafka.security is plaintext: write ssl or sasl_ssl"),
        (["kafka.certificates.cert=tls.crt"], "kafka.certificates has one of cert and key: write both, or none"),
        (["encryption.enabled=true"], "encryption.enabled is set without keys: write secrets.encryptionKeys"),
        (["secrets.encryptionKeys.existingSecret=keys"], "nothing would be encrypted: write encryption.enabled: true"),
        (["auth.jwt.jwks=https://id/keys"], "write auth.jwt.issuer and auth.jwt.audience"),
        (["auth.jwt.issuer=https://id"], "auth.jwt has no keys to check tokens with"),
        (
            ["auth.jwt.jwks=https://id/keys", "auth.jwt.keys=x", "auth.jwt.issuer=x", "auth.jwt.audience=x"],
            "auth.jwt has jwks and keys: write the URL or the keys themselves",
        ),
        (["tls.http.clientCa=ca.crt"], "tls.http.clientCa is given without a certificate to serve with"),
        (["tls.grpc.serverName=x"], "tls.grpc.serverName is given without certificates"),
        (
            ["services.planner.replicas=13"],
            "services.planner.replicas is 13, and kafka.partitions 12: more replicas than partitions have nothing to "
            "do; write at most 12",
        ),
        (
            ["services.budget.keda.enabled=true", "services.budget.keda.max=40"],
            "services.budget.keda.max is 40, and kafka.partitions 12",
        ),
        (
            ["services.ingress.autoscaling.enabled=true", "services.ingress.autoscaling.min=9"],
            "services.ingress.autoscaling.min is 9, more than its max 6",
        ),
        (
            ["services.planner.keda.enabled=true", "services.planner.autoscaling.enabled=true"],
            "services.planner has autoscaling and keda, which would pull at the same replicas",
        ),
        (["fleet.file=x", "fleet.existingConfigMap=y"], "fleet has a file and an existingConfigMap"),
        (
            ["http.externalTrafficPolicy=Local"],
            "http.type is ClusterIP: write LoadBalancer or NodePort, or leave it out",
        ),
        (["ingress.enabled=true"], "ingress.enabled is set without a host: write ingress.hosts"),
        (["gateway.enabled=true"], "gateway.enabled is set without a Gateway: write gateway.parentRefs"),
        (["rollout.strategy=blueGreen"], "without a Prometheus to ask: write rollout.analysis.prometheus"),
        (
            ["rollout.strategy=canary", "rollout.canary.trafficRouting=nginx"],
            "which routes by an Ingress: write ingress.enabled: true",
        ),
        (
            ["rollout.strategy=canary", "rollout.canary.trafficRouting=gatewayAPI"],
            "which routes by an HTTPRoute: write gateway.enabled: true",
        ),
        (["settings.REVEILLE_BUS=kafka://x:1"], "settings names REVEILLE_BUS, which the chart sets itself"),
        (
            ["services.ingress.settings.REVEILLE_WAKE_TOKEN=x"],
            "services.ingress.settings names REVEILLE_WAKE_TOKEN, a secret: write it as secrets.wakeToken",
        ),
        (["settings.REVEILLE_KEY_FILE=/x"], "settings names REVEILLE_KEY_FILE, a secret: write it as secrets.key"),
    ],
)
def test_values_that_do_not_fit_together_are_refused_with_what_to_write(more: list[str], sentence: str) -> None:
    assert sentence in refusal("minimal", *more)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("services.planner.replcias=3", "at '/services/planner': additional properties 'replcias' not allowed"),
        ("services.worker.replicas=3", "at '/services': additional properties 'worker' not allowed"),
        ("services.ingress.keda.enabled=true", "at '/services/ingress': additional properties 'keda' not allowed"),
        ("services.planner.replicas=0", "at '/services/planner/replicas': minimum: got 0, want 1"),
        ("services.planner.replicas=two", "at '/services/planner/replicas': got string, want integer"),
        ("kafka.security=tls", "at '/kafka/security': value must be one of 'plaintext', 'ssl', 'sasl_plaintext'"),
        ('kafka.brokers=["kafka://a:1"]', "at '/kafka/brokers/0': 'kafka://a:1' does not match pattern"),
        ('auth.jwt.algorithms=["HS256"]', "at '/auth/jwt/algorithms/0': value must be one of"),
        ('auth.jwt.algorithms=["none"]', "at '/auth/jwt/algorithms/0': value must be one of"),
        ("rollout.strategy=bluegreen", "at '/rollout/strategy': value must be one of '', 'canary', 'blueGreen'"),
        ("secrets.adminKye.value=x", "at '/secrets': additional properties 'adminKye' not allowed"),
        ('settings={"reveille": 1}', "'reveille' does not match pattern '^[A-Z][A-Z0-9_]*$'"),
        ("secrets.key=null", "at '/secrets': missing property 'key'"),
        ("services.budget=null", "at '/services': missing property 'budget'"),
        ('http.trustedProxies=["0.0.0.0/0"]', "at '/http/trustedProxies/0': '0.0.0.0/0' does not match pattern"),
        ('http.trustedProxies=["*"]', "at '/http/trustedProxies/0': '*' does not match pattern"),
        ("image.digest=latest", "at '/image/digest': 'latest' does not match pattern"),
        ("networkPolicy.peers.kafka.ports=[0]", "at '/networkPolicy/peers/kafka/ports/0': minimum: got 0, want 1"),
    ],
)
def test_a_value_that_is_unknown_or_of_another_kind_is_refused_with_its_place(more: str, said: str) -> None:
    assert said in refusal("minimal", more)


def test_without_any_value_all_that_is_missing_is_said_at_once() -> None:
    said = refusal("")
    for missing in ("secrets.key", "secrets.eventStore", "secrets.views", "kafka.brokers", "secrets.adminKey"):
        assert f"write {missing}" in said


def test_a_refusal_repeats_no_secret() -> None:
    for name in ("key", "adminKey", "eventStore", "views", "redis"):
        assert "planted" not in refusal("minimal", f"secrets.{name}.value=planted", "kafka.brokers=[]").replace(
            "ci/", ""
        )
