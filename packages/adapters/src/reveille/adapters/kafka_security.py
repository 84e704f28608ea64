"""How brokers are spoken to: in plain or by TLS, and as whom."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal, Self

from reveille.adapters.tls import Pem, client_context, explained
from reveille.kernel.errors import Misconfigured

if TYPE_CHECKING:
    from aiokafka.conn import AIOKafkaConnection

Kind = Literal["plaintext", "ssl", "sasl_plaintext", "sasl_ssl"]
Mechanism = Literal["plain", "scram-sha-256", "scram-sha-512"]

FILES: Final = ("REVEILLE_KAFKA_CERT", "REVEILLE_KAFKA_KEY", "REVEILLE_KAFKA_CA")
LOGIN: Final = ("REVEILLE_KAFKA_SASL", "REVEILLE_KAFKA_USER", "REVEILLE_KAFKA_PASSWORD")
KIND: Final = "REVEILLE_KAFKA_SECURITY"
ASK_SECONDS: Final = 5.0
CLOSE_SECONDS: Final = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class KafkaSecurity:
    """options: what every client of the library is told; they hold the password."""

    kind: Kind = "plaintext"
    options: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @classmethod
    def of(
        cls, kind: Kind, *, pem: Pem, mechanism: Mechanism | None = None, user: str = "", password: str = ""
    ) -> Self:
        """Raises Misconfigured for settings that do not go together, never with the password."""
        options: dict[str, Any] = {"security_protocol": kind.upper()}
        if kind.endswith("ssl"):
            options["ssl_context"] = client_context(pem)
        else:
            _expect_none(kind, FILES, (pem.cert, pem.key, pem.ca))
        if kind.startswith("sasl"):
            for name, value in zip(LOGIN, (mechanism, user, password), strict=True):
                if not value:
                    raise Misconfigured(f"{KIND} is {kind} and {name} is not set, expected all of {', '.join(LOGIN)}")
            assert mechanism is not None
            options |= {
                "sasl_mechanism": mechanism.upper(),
                "sasl_plain_username": user,
                "sasl_plain_password": password,
            }
        else:
            _expect_none(kind, LOGIN, (mechanism, user, password))
        return cls(kind=kind, options=options)

    async def refusal(self, brokers: Sequence[str]) -> str:
        """Why none of those that are there lets this process in, as the first says; "" where one does or none is there.

        The library's own clients keep it to themselves, go on trying, and leave connections behind.
        """
        from aiokafka.conn import AIOKafkaConnection
        from aiokafka.errors import KafkaError
        from aiokafka.protocol.metadata import MetadataRequest

        refused = ""
        for broker in brokers:
            host, _, port = broker.rpartition(":")
            connection = AIOKafkaConnection(host, int(port), **self.options)
            try:
                async with asyncio.timeout(ASK_SECONDS):
                    await connection.connect()
                    # Which versions it speaks, it says to whoever asks; who asks for more must be somebody.
                    await connection.send(MetadataRequest([]))
            except (KafkaError, OSError, TimeoutError) as error:
                refused = refused or self._told(error)
            else:
                return ""
            finally:
                await _closed(connection)
        return refused

    def _told(self, error: Exception) -> str:
        from aiokafka import errors

        if isinstance(error, errors.SaslAuthenticationFailed):
            return f"it does not know the user or the password, see {LOGIN[1]} and {LOGIN[2]}"
        if isinstance(error, errors.UnsupportedSaslMechanismError):
            return f"it does not take {self.options['sasl_mechanism'].lower()} there, see {LOGIN[0]}"
        if isinstance(error, errors.IllegalSaslStateError):
            return f"it asks for no password there, see {KIND}"
        if reason := explained(error):
            side = f"{FILES[0]} and {FILES[1]}" if "this side" in reason else FILES[2]
            return f"{reason}, see {KIND if 'speak TLS' in reason else side}"
        if isinstance(error, errors.KafkaConnectionError | ConnectionResetError):
            return f"it ends the connection at once: it is to be spoken to in another way there, see {KIND}"
        return ""


PLAINTEXT: Final = KafkaSecurity()


async def _closed(connection: "AIOKafkaConnection") -> None:
    """Gone, also where the other side takes its time: by TLS it says goodbye as well."""
    closed = connection.close()
    if connection._protocol is not None:  # it stood
        await asyncio.wait([closed], timeout=CLOSE_SECONDS)


def _expect_none(kind: Kind, names: tuple[str, ...], values: tuple[Any, ...]) -> None:
    for name, value in zip(names, values, strict=True):
        if value:
            raise Misconfigured(f"{name} is set and {KIND} is {kind}, which has no use for it")
