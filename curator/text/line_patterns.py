"""What boilerplate lines of web pages say, as regular expressions for RE2: each is searched in one line.

They are run over whole texts first, so each must stay small enough for RE2's automaton: one class such as \\P{L} within a loop
per saying, and 600 MB/s become 25.
"""

from __future__ import annotations

_SPACE = "[ \t\u00a0]"
_AROUND = (
    "[\t !-/:-@\\[-^`{-~\u00a0-\u00bf\u00d7\u2000-\u2bff\u3000-\u303f\ufe0f\U0001f000-\U0001faff]*"  # bullets, arrows
)
_MORE = r"(?:[^0-9A-Za-z_\n].*)?"
_NUMBER = r"[0-9]+(?:[.,][0-9]+)*[kmb]?\+?"


def _lines(*sayings: str) -> str:
    """Lines that say one of these and nothing else, in any case. A space in a saying is any white space but the newline."""
    said = "|".join(sayings).replace(" ", f"{_SPACE}+")
    return f"(?im)^{_AROUND}(?:{said}){_AROUND}$"


def _openings(*sayings: str) -> str:
    """Lines that begin with one of these, with a capital: in text with hard line ends the rest of a sentence has none."""
    said = "|".join(f"(?-i:{saying[0]}){saying[1:]}" for saying in sayings).replace(" ", f"{_SPACE}+")
    return f"(?im)^{_AROUND}(?:{said}){_MORE}$"


def _either(*expressions: str) -> str:
    return "|".join(f"(?:{expression})" for expression in expressions)


COUNTER = _either(
    _lines(
        rf"{_NUMBER} (?:like|share|comment|retweet|repost|quote|bookmark|upvote|downvote|download|view|follower|subscriber)s?",
        rf"{_NUMBER} (?:more )?(?:reply|replies|reactions?)",
        r"[0-9]+(?: |-)min(?:ute)?s?(?: |-)read",
        r"(?:no|view|view all|show|hide) comments(?: yet)?",
    ),
    r"(?im)^[ (•·|-]*(?:(?:last )?(?:posted|published|updated|edited|modified|asked|answered|joined):? )?"
    r"[0-9]+ (?:sec(?:ond)?|min(?:ute)?|h(?:ou)?r|day|week|month|year)s? ago[ )•·|-]*$",
)

_ACCOUNT = r"(?:sign(?: |-)?in|sign(?: |-)?up|log(?: |-)?in|register|create (?:an )?account|my account)"
_THINGS = r"(?:article|comment|entry|event|interview|item|link|listing|page|photo|post|product|recipe|report|review|story|video)"
_NETWORKS = (
    r"(?:facebook|twitter|x|linkedin|pinterest|whatsapp|reddit|e-?mail|telegram|tumblr|instagram|youtube|social media)"
)

CALL_TO_ACTION = _either(
    _lines(
        # Accounts. A single word ("Login", "Register") may be a heading or a list item, and "Sign in to the console" is a step.
        r"(?:sign|log)(?: |-)(?:in|up)",
        rf"{_ACCOUNT}(?:[^0-9A-Za-z\n]+(?:or )?{_ACCOUNT})+",
        r"(?:forgot|lost)(?: your| my)? password",
        r"(?:read|learn|show|see|view|load|find out|discover) (?:more|less)"
        r"(?: (?:about (?:this|us)|details|here|info(?:rmation)?))?",
        rf"(?:read|load|show|see|view) more (?:comments|news|products|replies|results|stories|{_THINGS}s)",
        rf"read (?:the )?(?:full|whole|entire|original|complete|rest of (?:the|this)) {_THINGS}(?: here)?",
        r"continue reading|click here(?: (?:to|for)(?: (?:learn|read|see|view))? (?:more|details))?",
        rf"share (?:this|it)(?: {_THINGS})?(?: with (?:your )?(?:friends|others))?",
        rf"(?:tweet|pin|e-?mail|print|bookmark) this(?: {_THINGS})?",
        r"(?:[0-9]+|no) items? in (?:your |the )?(?:basket|cart)|view (?:basket|cart)|your (?:basket|cart) is (?:currently )?empty",
        r"(?:add|added) to (?:bag|basket|cart|compare|favou?rites|wish(?: )?list)",
        r"(?:buy|order|shop|subscribe) now|continue shopping|(?:proceed|go) to checkout",
        r"(?:leave|post|add|write) a (?:comment|reply|review)(?: cancel reply)?|cancel reply",
        r"(?:skip|jump) to (?:the )?(?:main |page |primary )?(?:content|footer|menu|navigation|search|sidebar)",
        r"(?:back|return|go|scroll) to (?:the )?(?:top|home(?: )?page)(?: of (?:the )?page)?",
        rf"(?:previous|next) {_THINGS}",
        r"advertisements?|loading(?:\.\.\.|…)",  # the only single words
    ),
    _openings(
        r"Please (?:sign|log) in to",
        r"Log in to (?:comment|follow|join|leave|like|post|rate|reply|view|vote)",
        r"Sign in to (?:comment|follow|join|leave|like|post|rate|reply|view|vote)",
        r"You (?:must|need to|have to) (?:be (?:logged|signed) in|(?:log|sign) in|register) to",
        r"Already have an account",
        r"Don.t have an account",
        r"Continue reading",
        r"Click here to (?:continue|learn|read|see|subscribe|view)",
        rf"Share (?:this |it )?(?:{_THINGS} )?(?:on|via|to) {_NETWORKS}",
        rf"Click to share on {_NETWORKS}",
        rf"Follow us on {_NETWORKS}",
        rf"Like us on {_NETWORKS}",
        rf"Find us on {_NETWORKS}",
        r"Subscribe to (?:our|my|the|this)(?: [^\n]*)? (?:channel|newsletters?|podcast|mailing list|magazine|feed|blog)",
        r"Sign up (?:for|to) (?:our|the|my)(?: [^\n]*)? (?:newsletters?|mailing list|updates|alerts|e-?mails)",
        r"Join our(?: [^\n]*)? (?:newsletter|mailing list)",
        r"Comments? (?:are|is|have been) (?:closed|disabled|turned off)",
        r"Be the first to (?:comment|like|reply|review)",
        r"Story continues (?:after|below)",
        r"Article continues (?:after|below)",
    ),
)

JAVASCRIPT = (
    r"(?im)(?:(?:please|need to|must|have to|should)[^\n]* (?:enable|allow|turn on|switch on) java-?script\b"
    r"|java-?script (?:is|must be|seems to be|appears to be|needs to be|has to be|has been)(?: currently)?"
    r" (?:disabled|enabled|required|turned o|switched o|not (?:available|enabled|supported))"
    r"|(?:app|application|browser|content|feature|form|media|page|player|site|video|website)"
    r" (?:requires|needs|does not support|doesn.t support|does not have|uses) java-?script)"
)

_FOOTER = (
    r"(?:terms(?: (?:of (?:use|service|sale)|(?:and|&) conditions))?|privacy(?: (?:policy|notice|statement))?"
    r"|cookies?(?: (?:policy|settings|preferences))?|legal(?: notice)?|disclaimer|imprint|accessibility|site(?: )?map|help|home"
    r"|about(?: us)?|contact(?: us)?|careers|advertise(?: with us)?)"
)

POLICY = _either(
    # A menu. "Privacy Policy" alone may be the title of one, and "Terms and Privacy" a heading.
    _lines(
        rf"{_FOOTER}(?:(?: )?[|•·/-](?: )?{_FOOTER})+",
        r"(?:accept|reject|allow|manage)(?: all)? cookies|cookie (?:settings|preferences)",
    ),
    _openings(
        r"This (?:web)?site uses cookies",
        r"Our (?:web)?site uses cookies",
        r"We use cookies (?:to|on)[^\n]* (?:experience|(?:web)?site)",
        r"By (?:browsing|clicking|continuing|using)[^\n]* you (?:accept|agree|consent)[^\n]* cookies?",
    ),
)

C4_POLICY = r"(?i)terms of use|privacy policy|cookie policy|uses cookies|use of cookies|use cookies"

C4_JAVASCRIPT = "(?i)javascript"

CITATION = r"\[\d*\]|\[edit\]|\[citation needed\]"

DCLM_COUNTER = (
    r"(?im)^[^\p{L}\p{N}_\n]*\p{Nd}(?:,|\.|\p{Nd})*[kmb]?"
    rf"{_SPACE}+(?:likes|shares|comments|retweets|reposts|quotes|bookmarks|upvotes|downvotes|downloads|views|followers)"
    r"[^\p{L}\p{N}_\n]*$"
)

DCLM_CALLS = (
    rf"(?i){_SPACE}?items in cart",
    rf"(?im){_SPACE}?Read more...$",  # the dots are any characters, as in DCLM's code
    rf"(?im)^Sign-in{_SPACE}?",
)
