"""The main text of HTML pages, extracted in a child process that no page can take down with it.

page.py       one page: charset, main text, hints             (pure; what the child runs)
charset.py    which charset a page is written in
main_text.py  decoded HTML to main text, one function per extractor
hints.py      what a page says of its licence and of robots
child.py      the child process: limits, and the loop that answers page by page
process.py    the parent's handle on one child
extractor.py  the class `Extractor`: sends pages, restarts the child, names the page at fault
messages.py   what goes through the pipes
"""
