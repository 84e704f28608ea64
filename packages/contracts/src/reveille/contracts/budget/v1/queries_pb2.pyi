from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ListAccountsRequest(_message.Message):
    __slots__ = ("tenant", "wait_for")
    TENANT_FIELD_NUMBER: _ClassVar[int]
    WAIT_FOR_FIELD_NUMBER: _ClassVar[int]
    tenant: str
    wait_for: int
    def __init__(self, tenant: _Optional[str] = ..., wait_for: _Optional[int] = ...) -> None: ...

class AccountView(_message.Message):
    __slots__ = ("account", "scope", "period", "limit", "reserved", "used", "left")
    ACCOUNT_FIELD_NUMBER: _ClassVar[int]
    SCOPE_FIELD_NUMBER: _ClassVar[int]
    PERIOD_FIELD_NUMBER: _ClassVar[int]
    LIMIT_FIELD_NUMBER: _ClassVar[int]
    RESERVED_FIELD_NUMBER: _ClassVar[int]
    USED_FIELD_NUMBER: _ClassVar[int]
    LEFT_FIELD_NUMBER: _ClassVar[int]
    account: str
    scope: str
    period: str
    limit: int
    reserved: int
    used: int
    left: int
    def __init__(self, account: _Optional[str] = ..., scope: _Optional[str] = ..., period: _Optional[str] = ..., limit: _Optional[int] = ..., reserved: _Optional[int] = ..., used: _Optional[int] = ..., left: _Optional[int] = ...) -> None: ...

class ListAccountsResponse(_message.Message):
    __slots__ = ("items", "waiting")
    ITEMS_FIELD_NUMBER: _ClassVar[int]
    WAITING_FIELD_NUMBER: _ClassVar[int]
    items: _containers.RepeatedCompositeFieldContainer[AccountView]
    waiting: int
    def __init__(self, items: _Optional[_Iterable[_Union[AccountView, _Mapping]]] = ..., waiting: _Optional[int] = ...) -> None: ...
