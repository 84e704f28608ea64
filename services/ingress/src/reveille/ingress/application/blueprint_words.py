"""Reading words and phrases by which something is known in people's own words."""

from typing import Final

from yaml.nodes import Node, SequenceNode

from reveille.ingress.application.fleet_document import FleetDocument, Read, Wrong
from reveille.ingress.application.fleet_values import text

MAX_WORDS: Final = 200
WORD: Final = text(
    r"(?=[^\n]*\w)\S([^\n]{0,78}\S)?", "a word or phrase of at most 80 characters, without blanks around it"
)


def words_of(document: FleetDocument) -> Read:
    words = document.several(WORD)

    def read(node: Node, path: str) -> list[str]:
        if isinstance(node, SequenceNode) and len(node.value) > MAX_WORDS:
            raise Wrong(f"it has {len(node.value)} words, at most {MAX_WORDS} are looked for")
        found: list[str] = words(node, path)
        folded = [word.casefold() for word in found]
        for index, word in enumerate(folded):
            if word in folded[:index]:
                raise Wrong(f"{found[index]!r} stands in it twice, expected each word once, in capitals or not")
        return found

    return read
