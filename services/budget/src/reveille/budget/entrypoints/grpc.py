"""The ledger's answers, from the ledger itself: its snapshot and what followed."""

from typing import Any

from reveille.budget.domain.accounts import period_of, scope_of
from reveille.budget.domain.books import Ledger
from reveille.contracts.budget.v1.queries_pb2 import AccountView, ListAccountsRequest, ListAccountsResponse
from reveille.contracts.budget.v1.queries_pb2_grpc import QueryServiceServicer
from reveille.kernel.events import stream_name
from reveille.kernel.service import Service


class Queries(QueryServiceServicer):
    def __init__(self, service: Service) -> None:
        self._handling = service.handling
        self._follower = service.follower

    async def ListAccounts(self, request: ListAccountsRequest, context: Any) -> ListAccountsResponse:
        await self._follower.wait_for(request.wait_for)
        loaded = await self._handling.load(stream_name(request.tenant, "ledger"))
        ledger = loaded.state
        assert isinstance(ledger, Ledger)
        items = [
            AccountView(
                account=name,
                scope=scope_of(name),
                period=period_of(name),
                limit=ledger.limit(name),
                reserved=account.reserved,
                used=account.used,
                left=account.left(ledger.limit(name)) if ledger.limit(name) else 0,
            )
            for name, account in sorted(ledger.accounts.items())
        ]
        return ListAccountsResponse(items=items, waiting=len(ledger.waiting))
