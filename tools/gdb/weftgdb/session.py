"""What this session of gdb remembers."""

console_file: str = "build/console.log"
symbol_places: list[str] = []
