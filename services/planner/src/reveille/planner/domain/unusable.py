"""A result that the plan cannot go on with."""


class Unusable(Exception):
    """The result is not what other steps need of it."""
