# ruff: noqa: RUF001
"""What a model says about its task instead of doing it, in four languages: at the ends of an answer; and where it says "the text".

A document about such things is not hurt: the middle of an answer is not read for the former, and what the source says too is not
found.
"""

from __future__ import annotations

import re

TAIL_CHARACTERS = 400
"""Closing offers are one or two sentences; what begins earlier is not searched, but for the beginning of the last paragraph."""

_MARKS = r"[\s*_>#\"'“„«(\[¡¿-]{0,20}"
_REWRITTEN = (
    r"paraphras|rephras|rewrit|reword|reformul|simplif|condens|summar|shorten|distil|version\b"
    r"|questions? and answers?\b|q ?& ?a\b|faqs?\b|you asked|requested"
    r"|umformul|umgeschrieb|überarbeit|vereinfach|zusammenfass|fassung\b|fragen und antworten"
    r"|réécri|résum|questions et réponses|reescri|par[aá]fras|resum|versión\b|preguntas y respuestas"
)
_HERE = (
    r"(?:here(?:'s| is| are| you go)|below (?:is|are)|the following (?:is|are)"
    r"|(?:hier|nachfolgend|im folgenden|unten) (?:ist|sind|finde(?:st|n)|folgt|folgen|kommt)"
    r"|voici|ci-dessous|aquí (?:está|tienes?|están|va)|a continuación)\b"
)
_YES = (
    r"(?:sure(?: thing)?|certainly|absolutely|of course|understood|got it|no problem|okay|ok"
    r"|klar|natürlich|gern|gerne|selbstverständlich|sicher"
    r"|bien sûr|certainement|d'accord|volontiers|avec plaisir"
    r"|claro(?: que sí)?|por supuesto|desde luego|con gusto|entendido)"
    r"(?: ?[!.:]|,? (?:here|i\b|let me|below|hier|ich|voici|je\b|j'|aquí|a continuación))"
)
_MODEL = (
    r"as an? (?:ai|artificial intelligence|(?:large )?language model)\b(?: language model| model| assistant)?,? i\b"
    r"|als (?:eine? )?(?:ki|künstliche intelligenz|(?:großes )?sprachmodell|ki-\w{1,20}),? (?:kann|bin|habe|darf) ich"
    r"|en tant (?:qu'(?:une? )?(?:ia|intelligence artificielle)|que modèle de langage),? je\b"
    r"|como (?:una? )?(?:ia|inteligencia artificial|modelo de lenguaje)(?:,| no )"
)
_DONE = (
    r"i(?:'ve| have| will|'ll) (?:now |also )?(?:rewrit|rephras|paraphras|reword|summari|simplif|reformulat|condens)"
    r"|ich (?:habe|werde) (?:den|die|das|diesen|ihren|deinen)\b[^.\n]{0,60}"
    r"(?:umgeschrieben|umformulier|vereinfach|zusammenfass|zusammengefasst)"
    r"|j'ai (?:réécrit|reformulé|paraphrasé|résumé|simplifié)"
    r"|he (?:reescrito|reformulado|parafraseado|resumido|simplificado)"
)
_REFUSAL = (
    r"(?:i'm|i am) (?:sorry|afraid),? (?:but )?i\b|sorry, (?:but )?i\b|i apologi[sz]e, but"
    r"|(?:unfortunately, )?i (?:can't|cannot|can not|am unable to|'m unable to) "
    r"(?:help|assist|fulfil|comply|rewrite|rephrase|paraphrase|provide|create|write)"
    r"|(?:es )?tut mir leid, (?:aber )?ich|leider kann ich|(?:je suis )?désolée?, (?:mais )?je|lo siento, (?:pero )?(?:no )?"
)
_NOTE = (
    r"(?:please note|note|n\.b\.)\W{0,4}(?:that )?(?:i\b|the (?:rewrit|paraphras|rephras|original text)"
    r"|this (?:is an? )?(?:rewrit|paraphras|rephras|simplif|summary|version|answer|response))"
    r"|(?:hinweis|anmerkung|bemerkung)\W{0,4}(?:ich\b|(?:diese|in dieser) (?:fassung|version|umformul|zusammenf)"
    r"|der (?:umformul|umgeschrieb))"
    r"|(?:note|remarque)\W{0,4}(?:j'ai|je\b|cette (?:version|reformulation|paraphrase))"
    r"|(?:nota|observación)\W{0,4}(?:he\b|esta (?:versión|paráfrasis|reformulación))"
)
_OFFER = (
    r"(?:please )?let me know (?:if|whether|what|how)|feel free to (?:ask|let me|modify|adjust)"
    r"|(?:i )?hope (?:this|that|it) (?:helps|is helpful|meets)|is there anything else|(?:would you like|do you want) me to"
    r"|if you (?:have|need|want|would like|'d like)\b[^.!?\n]{0,80}"
    r"(?:let me know|just ask|i can\b|i'm happy|feel free to (?:ask|let me))"
    r"|this (?:rewritten|paraphrased|rephrased|simplified|condensed) (?:version|text|passage)|word count\W"
    r"|lass(?:t|en sie)? (?:es )?mich (?:bitte |gern |gerne )?wissen|sag(?:en sie)? (?:mir )?(?:bitte |einfach )?bescheid"
    r"|ich hoffe,? (?:das|dies|es) hilft|kann ich (?:dir|ihnen) (?:sonst|noch)"
    r"|(?:wenn|falls) (?:du|sie) (?:noch |weitere )+[^.!?\n]{0,60}(?:frag(?:e|en sie)? (?:mich|gern|einfach)|(?:stehe|helfe) ich)"
    r"|fai(?:tes|s)-(?:le-)?moi savoir|n'hésite[sz]? pas à (?:me (?:dire|demander|le)|poser d'autres)"
    r"|j'espère que (?:cela|ça|ceci) (?:vous |t')?aide|(?:souhaitez-vous|veux-tu) que je"
    r"|av[ií]s[ae]me (?:si|qué)|(?:hazme|hágame|házmelo|hágamelo) saber|no dude[sn]? en (?:preguntar|pedir|decir)me"
    r"|espero que (?:esto )?(?:te |le )?(?:ayude|sirva|sea útil)"
    r"|(?:quieres|desea|te gustaría) que (?:lo|la|te|le|haga|cambie|añada)\b"
)
_TEXT = re.compile(
    r"\b(?:the|this) (?:\w{1,12} )?(?P<noun>text|excerpt)\b"
    r"|\b(?:the|this) (?P<told>passage) (?:is about|says|states|describes|discusses|mentions|explains|talks|tells)\b"
    r"|\b(?:der|dieser|dem|diesem|im) (?P<german>text)\b|\b(?:le|ce|du) (?P<french>texte|extrait)\b"
    r"|\b(?:el|este|del) (?P<spanish>texto)\b",
    re.IGNORECASE,
)
"""Whoever says so describes the text from outside, as SmolLM2 (135M) did in 15 of 131 answers."""
_HEAD = re.compile(
    f"{_MARKS}(?P<said>{_YES}|{_MODEL}|{_DONE}|{_REFUSAL}|{_NOTE}|{_HERE}[^.!?\\n]{{0,100}}?(?:{_REWRITTEN})"
    f"|{_HERE}[^.!?\\n]{{0,120}}:(?=[*_ ]*(?:\\n\\s*\\n|\\Z))"
    f"|(?:rewritten|paraphrased|rephrased|simplified|revised) (?:text|version|passage|article)\\W*:)",
    re.IGNORECASE,
)
_CLOSING = f"{_MARKS}(?P<said>{_OFFER}|{_NOTE}|{_MODEL}|{_DONE})"
_LAST = re.compile(_CLOSING, re.IGNORECASE)
_LINE = re.compile(f"^{_CLOSING}", re.IGNORECASE | re.MULTILINE)
_SENTENCE = re.compile(rf"(?:^|(?<=[.!?…。！？)\]\"”]\s)){_CLOSING}", re.IGNORECASE | re.MULTILINE)


def meta_talk(answer: str, source: str, *, turns: bool = False) -> str | None:
    """The words at the beginning or end of the answer with which the model speaks of its task, or null.

    In a conversation (`turns`) people offer help to each other: there only a line of its own is a closing offer.
    """
    plain, known = _plain(answer.strip()), _words(_plain(source))
    last = plain.rfind("\n\n") + 1
    closing = _LINE if turns else _SENTENCE
    found = [
        _HEAD.match(plain),
        _LAST.match(plain, last) if last else None,
        *closing.finditer(plain, max(0, len(plain) - TAIL_CHARACTERS)),
    ]
    said = (match["said"].strip() for match in found if match)
    return next((words for words in said if _words(words) not in known), None)


def talk_of_the_text(answer: str, source: str) -> str | None:
    """Where the answer first speaks of its source as "the text" or the like, a word that the source has not; or null."""
    known = source.casefold()
    found = (match for match in _TEXT.finditer(answer) if match[match.lastgroup or 0].casefold() not in known)
    return next((match[0] for match in found), None)


def _plain(text: str) -> str:
    """One kind of apostrophe, and no carriage returns or blanks that do not break."""
    return text.replace("’", "'").replace("\r\n", "\n").replace("\xa0", " ").replace("\u202f", " ")


def _words(text: str) -> str:
    return " ".join(text.casefold().split())
