"""What people write: issues by their topic, titles of changes, comments."""

from collections.abc import Mapping, Sequence
from typing import Final

PEOPLE: Final = ("ada", "grace", "linus", "margaret", "dennis", "barbara")
REPOSITORIES: Final = ("acme/shop", "acme/billing", "acme/site")
BOTS: Final = ("claude[bot]", "reveille-lead")
WORKFLOWS: Final = ("build", "test", "deploy")

CHANGES: Final = (
    "Keep a basket for a day after its owner left",
    "Round amounts once, at the end",
    "Ask the carrier again before a parcel counts as lost",
    "Show vouchers that end this week first",
    "Split the invoice into its own module",
    "Check the owner of a booking before it is changed",
    "Cache tariffs by their region",
    "Write refunds in one transaction",
    "Name the customer in the log by its id alone",
    "Read the ledger in pages",
)
# By topic: titles and bodies, in pairs.
ISSUES: Final[Mapping[str, Sequence[tuple[str, str]]]] = {
    "bug": (
        (
            "Checkout crashes with an empty basket",
            "Since release 2.4.1 the checkout fails with an exception when the basket is empty.\n\n"
            "Steps to reproduce:\n1. open the shop\n2. remove everything from the basket\n3. press checkout\n\n"
            "Expected: a hint that there is nothing to pay. Actual: an error page.\n\n```\nTraceback (most recent call "
            'last):\n  File "src/checkout.py", line 88, in total_of\n    first = items[0]\nIndexError: list index out '
            "of range\n```",
        ),
        (
            "Wrong sum on invoices with two currencies",
            "The sum on the invoice is wrong when items are in EUR and USD: it is added up as if both were the same. "
            "I saw it with version 2.4.0, order 10023. It should refuse such an invoice instead of printing an error.",
        ),
        (
            "Export hangs on large ledgers",
            "The export hangs when the ledger has more than 50,000 rows, and the worker is broken afterwards. "
            "Reproduced on version 2.3.9 with the sample data. Expected: a file in less than a minute.",
        ),
        ("Parcel page is broken on phones", "The page of a parcel is broken: the buttons are outside of the screen."),
    ),
    "feature": (
        (
            "Please add a list of open vouchers",
            "It would be nice to see all vouchers that are still open. Please add a page for it, with a feature to "
            "filter them by the day on which they end.",
        ),
        (
            "Support for partial refunds",
            "Feature request: allow a refund of some items of an order. Today only the whole order can be refunded, "
            "and we make up for it by hand. A proposal for the API is below.\n\nPOST /api/orders/{id}/refunds",
        ),
    ),
    "infrastructure": (
        (
            "Deployment to the staging cluster takes an hour",
            "The deployment of the last three days took an hour each. The kubernetes cluster pulls every docker image "
            "anew; the disk of the node is at 91 %. Helm waits for the rollback of the one before.",
        ),
        (
            "Certificate of the staging cluster ends next week",
            "The certificate for the staging cluster ends on Friday, and the pipeline that renews it in terraform "
            "has no access to the DNS any more.",
        ),
    ),
    "security": (
        (
            "Voucher codes allow SQL injection",
            "The search for vouchers puts the code into the statement as it is: an injection is possible. "
            "I have an exploit that lists credentials, and can send it in private.",
        ),
    ),
    "documentation": (
        (
            "Typo in the tutorial",
            "The tutorial has a typo in its third chapter, and the examples in the readme still show the old call.",
        ),
        (
            "Docs do not say what a tariff is",
            "The documentation uses the word tariff from page one and says nowhere what it is. An example in the docs "
            "would do.",
        ),
    ),
    "question": (
        ("How do I change the sender of invoices?", "How can I set the sender's address? Is it possible by tenant?"),
        ("What is the ledger for?", "Question: what is the ledger for, and why does it have rows without a customer?"),
    ),
}
COMMENTS: Final = (
    "Thanks, I will have a look tomorrow.",
    "Could you split this? It does two things.",
    "Agreed. The name is better now.",
    "Same here, on version 2.4.1.",
    "I have pushed a change for it.",
    "Let us talk about it on Tuesday.",
)
OF_BOTS: Final = (
    "Sorted as {topic}. Reveille-Lead",
    "Handed on; whoever takes it answers here.",
    "The steps to reproduce are missing: could you add them?",
)
# Name, severity, whether it names a repository, and what it says.
ALERTS: Final = (
    ("CheckoutErrors", "critical", True, "More than 5 % of all checkouts fail"),
    ("DatabaseDown", "page", False, "The primary of the order database does not answer"),
    ("PaymentsDelayed", "critical", True, "Payments wait for more than ten minutes"),
    ("HighLatency", "warning", True, "The slowest hundredth of all requests takes more than 2 s"),
    ("DiskFillsUp", "warning", False, "The disk of a node is full in four days"),
    ("QueueGrows", "warning", True, "The queue of mails has grown for an hour"),
    ("CertificateEnds", "info", False, "A certificate ends in 20 days"),
    ("PodRestarted", "info", True, "A pod was started anew"),
)
