"""A recording of somebody at the shell: what was typed comes again."""

from checking import check, finish, said

said("weft goto end")
text = said("weft log 50")
check("what was typed, and what came of it", "echo t''yped" in text and "\ntyped" in text, text)
check("the end", "poweroff" in text, text)
finish()
