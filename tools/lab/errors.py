"""What goes wrong in the lab's tools, told in one sentence to whoever typed the command."""


class LabError(Exception):
    """The command can't be carried out; the text says why, and what to do about it."""
