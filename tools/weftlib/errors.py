"""The launcher's own kind of failure: nothing was measured, because something here is not right."""


class SetupError(Exception):
    """A missing program or file, or an option that makes no sense. The text is one clear line."""
