"""Command: what a subcommand of `weft` derives from."""

import gdb


class Problem(Exception):
    """What the user should be told in one line."""


class Prefix(gdb.Command):
    """Weft's kernel: its threads, processes, locks and memory, at the moment at which it stands still."""

    def __init__(self):
        super().__init__("weft", gdb.COMMAND_USER, prefix=True)


class Command(gdb.Command):
    """A subcommand. Its doc string is its help; `words` are what Tab offers for its first argument."""

    name = ""
    usage = ""
    takes_text = False  # all that stands behind the name is one argument, quotes and all

    def __init__(self):
        super().__init__(f"weft {self.name}", gdb.COMMAND_USER)

    def run(self, arguments: list[str]) -> None:
        """Does it; raises Problem for what can't be done."""
        raise NotImplementedError

    def words(self) -> list[str]:
        return []

    def invoke(self, argument, from_tty):
        self.dont_repeat()
        try:
            words = [argument] if argument else []
            self.run(words if self.takes_text else gdb.string_to_argv(argument))
        except Problem as problem:
            raise gdb.GdbError(f"weft {self.name}: {problem}") from None
        except gdb.error:
            if gdb.selected_thread() is not None:
                raise
            raise gdb.GdbError(f"weft {self.name}: there is no machine: make gdb starts one") from None

    def complete(self, text, word):
        if " " in text.strip() or (text.endswith(" ") and text.strip()):
            return []
        try:
            return [each for each in self.words() if each.startswith(word or "")]
        except (gdb.error, Problem):
            return []

    def refuse_usage(self):
        raise Problem(f"usage: weft {self.name} {self.usage}".rstrip())


def register_prefix() -> None:
    Prefix()


def number(text: str) -> int:
    """A number as the user wrote it, or what gdb makes of an expression."""
    try:
        return int(gdb.parse_and_eval(text))
    except gdb.error as error:
        raise Problem(f"{text}: {error}") from None
