"""Lists of words as people read them."""


def words(text: str) -> tuple[str, ...]:
    return tuple(text.split())
