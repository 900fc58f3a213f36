"""Tables: columns as wide as what stands in them."""


def show(heads: list[str], rows: list[list]) -> None:
    """Prints the rows below their heads; the last column may be as long as it likes."""
    lines = [heads, *[[str(cell) for cell in row] for row in rows]]
    widths = [max(len(line[column]) for line in lines) for column in range(len(heads) - 1)]
    for line in lines:
        cells = [cell.ljust(width) for cell, width in zip(line, widths)]
        print("  ".join([*cells, line[-1]]).rstrip())
