"""Words that deny, words that can stand for a denial, and words that begin a clause."""

from __future__ import annotations

NEGATIONS = {
    "en": frozenset(
        """not no never none nobody nothing neither nor nowhere without dont doesnt didnt isnt arent wasnt werent havent hasnt
        hadnt cant wont wouldnt shouldnt couldnt""".split()
    ),
    "de": frozenset(
        """nicht kein keine keinen keinem keiner keines nie niemals niemand niemanden nichts nirgends ohne weder""".split()
    ),
    "fr": frozenset("ne n pas jamais aucun aucune sans ni".split()),
    "es": frozenset("no nunca jamás ningún ninguna ninguno nadie nada ni sin tampoco".split()),
    "it": frozenset("non mai nessun nessuno nessuna nulla senza né".split()),
    "pt": frozenset("não nunca nenhum nenhuma ninguém nada sem nem".split()),
    "nl": frozenset("niet geen nooit niemand niets zonder".split()),
    "ru": frozenset("не нет ни никогда ничего никто без нельзя".split()),
}
"""By language; the polarity of others is not judged. French denies with two words and counts once."""

IMPLIED = frozenset(
    """fail fails failed failing failure unable refuse refused refuses refusing deny denied denies denying lack lacks lacked lacking
    prohibit prohibited prohibits forbidden forbid forbids ban banned bans avoid avoids avoided avoiding prevent
    prevented prevents
    only except unless hardly rarely seldom barely scarcely few little impossible illegal instead stop stopped stops
    atmost upto atleast banning until excludes excluding reject rejected rejects missing absent
    absence abandon abandoned cancel cancelled
    canceled withdraw withdrew ceased cease disliked dislikes dislike unlike invisible independent harmless painless intact
    block blocked blocks rule ruled doubt doubted doubts spared away same remain remained remains stay stayed stays ended ends
    same gleichen même mismo misma
    suspend suspended suspends halt halted closed shut lost gone scrapped exclude excluded exclut exclure excluye excluir suspendu
    suspendido eingestellt
    too allzu free off out safe idle otherwise rather difficult
    verboten untersagt unmöglich nur statt außer unfähig vermeiden verhindern verhindert ausgestorben kaum wenig wenige
    unbeschädigt unversehrt überstand unverändert gleich erst sonst frei fehlt fehlen fehlte geschlossen bleibt blieb
    verzichtet verzichten selten
    interdit interdite impossible seulement sauf éviter empêcher refuse refusé refusent inchangé dernière gratuit plus
    trop abandonné renoncé fermé absence manque défaut rarement
    prohibido prohibida prohíbe imposible solo sólo salvo evitar impedir negó gratis excepto demasiado cerrada cerrado falta
    ileso apenas""".split()
)
"""Words that may say what another sentence says with a negation: never alone a reason to call it flipped."""
SUPPOSED = frozenset(
    """would want wants wanted intend intends intended hope hopes hoped propose proposed demand demanded try
    tries tried wäre wären würde würden gäbe müsste müssten wollte wollten möchte plante versuchte veut voulu voulait voudrait
    espère serait seraient quiere quiso quería espera intentó sería serían""".split()
)
"""What would be or is wanted is not: a sentence of the other polarity may say the same."""
BOUNDED = frozenset("yet within binnen innerhalb encore todavía".split())
"""Words with which a denied clause says no more than `later`."""
WITHOUT = {"en": ("less", "free"), "de": ("los", "lose", "losen", "frei", "freie", "freien")}
"""Endings of what something is without."""
LACKING = frozenset("without ohne sans sin senza sem zonder".split())
"""What a clause begins with that may have no verb: it says nothing alone."""
DETERMINERS = {
    "en": LACKING | frozenset("no none nobody nothing".split()),
    "de": LACKING | frozenset("kein keine keinen keinem keiner keines niemand nichts".split()),
    "fr": LACKING | frozenset("aucun aucune".split()),
    "es": LACKING | frozenset("ningún ninguna ninguno".split()),
}
"""Negations of a thing: the verb that goes with it may be another one, `no flights` for `flights were suspended`."""
STANDING = frozenset(
    """lost gone closed shut yet until only same stay stays stayed remain remained remains stop plus too free off out rather
    erst frei bleibt blieb trop""".split()
)
"""Of the words that can stand for a negation the ones that a `not` before them does not cancel: not yet."""

LINKS = {
    "en": "but, because, although, though, while, whereas, which, who, since, so that, so, if, when, and",
    "de": "aber, sondern, weil, obwohl, während, und, denn",
    "fr": "mais, car, parce que, et, puisque",
    "es": "pero, sino, porque, aunque, y",
}
"""Words that begin another clause."""
