"""Words that the checks of faithfulness treat apart: negations, what can stand for one, frames, endings, irregular forms."""

from __future__ import annotations

from curator.text.function_words import FUNCTION_WORDS
from curator.text.number_words import HINTED, MONTHS, ORDINALS, OTHER_LANGUAGES, SCALES, SMALL, TENS, UNITS

NEGATIONS = {
    "en": frozenset(
        """not no never none nobody nothing neither nor nowhere without dont doesnt didnt isnt arent wasnt werent havent hasnt
        hadnt cant wont wouldnt shouldnt couldnt""".split()
    ),
    "de": frozenset(
        """nicht kein keine keinen keinem keiner keines nie niemals niemand niemanden nichts nirgends ohne weder""".split()
    ),
    "fr": frozenset("ne n jamais aucun aucune sans ni".split()),
    "es": frozenset("no nunca jamás ningún ninguna ninguno nadie nada ni sin tampoco".split()),
    "it": frozenset("non mai nessun nessuno nessuna nulla senza né".split()),
    "pt": frozenset("não nunca nenhum nenhuma ninguém nada sem nem".split()),
    "nl": frozenset("niet geen nooit niemand niets zonder".split()),
    "ru": frozenset("не нет ни никогда ничего никто без нельзя".split()),
}
"""By language; the polarity of others is not judged. French `pas` comes with `ne`."""

IMPLIED = frozenset(
    """fail fails failed failing failure unable refuse refused refuses refusing deny denied denies denying lack lacks lacked lacking
    prohibit prohibited prohibits forbidden forbid forbids ban banned bans avoid avoids avoided avoiding prevent
    prevented prevents
    only except unless hardly rarely seldom barely scarcely few little impossible illegal instead stop stopped stops
    atmost upto atleast yet banning until exclude excluded excludes excluding reject rejected rejects missing absent
    absence abandon abandoned cancel cancelled
    canceled withdraw withdrew ceased cease disliked dislikes dislike unlike invisible independent harmless painless intact
    block blocked blocks rule ruled doubt doubted doubts spared away same remain remained remains stay stayed stays ended ends
    verboten untersagt unmöglich nur statt außer unfähig vermeiden verhindern verhindert ausgestorben kaum wenig wenige
    unbeschädigt unversehrt überstand unverändert gleich
    interdit interdite impossible seulement sauf éviter empêcher refuse refusé refusent inchangé dernière gratuit plus
    prohibido prohibida prohíbe imposible solo sólo salvo evitar impedir negó gratis excepto""".split()
)
"""Words that may say what another sentence says with a negation: never alone a reason to call it flipped."""
STANDING = frozenset("yet until only same stay stays stayed remain remained remains stop plus".split())
"""Of these the ones that a `not` before them does not cancel: not yet."""
NOT_UN = (
    "under",
    "unit",
    "univ",
    "union",
    "until",
    "uniq",
    "unifo",
    "unter",
    "unser",
    "ungefähr",
    "unfortun",
    "unos",
    "unas",
)
"""Beginnings with `un` that deny nothing."""

FRAMES = frozenset(
    """question questions answer answers q a b summary key points point note notes tip tips step steps fact facts example examples
    overview title introduction conclusion teacher student expert user assistant reporter interviewer host guest principal
    problem solution exercise faq frage fragen antwort antworten schritt lehrer schüler zusammenfassung réponse résumé
    étape élève professeur pregunta respuesta resumen paso profesor alumno""".split()
)
"""What a line begins with before a colon, and no fact of it."""

_ALL_NEGATIONS = frozenset(word for words in NEGATIONS.values() for word in words)
GRAMMAR = _ALL_NEGATIONS | frozenset(
    """a an the this that these those it its they them their he his him she her we our you your i my me to of in on at by for from
    with as is are was were be been being am do does did has have had having can could may might must shall should will
    would or so such than then there here also too very any some what who whom whose which how why where when s t ll ve re d m
    wo ca der die das den dem des ein eine einen einem einer eines er sie es ihr ihre ist sind war waren wird werden
    wurde wurden hat haben
    hatte kann können darf dürfen soll muss zu in im an am auf für von vom mit bei nach aus durch als auch so sich
    le la les l un une des du de d il elle ils elles ce cette ces se s est sont était ont a été être peut doit dans en à au aux
    par pour sur avec que qui y pas rien el los las lo una unos unas al del es está están fue ha han se su sus con por
    para""".split()
)
"""Words that only hold a clause together: two clauses are not alike for them."""

_RETELLING = frozenset(
    """according reported report reports describe described describes explain explained explains explanation mean means
    meaning called
    named name names include includes included including contain contains provide provides discuss discussed mention
    mentioned state stated states noted add adds added tell told tells ask asked asks exactly sure yes wow okay really
    interesting curious wonder sounds sound great thank thanks true correct learn learned understand understood
    additionally furthermore moreover finally overall respectively approximately roughly nearly almost around
    amount total level person someone somebody everybody everyone happen happens happened become becomes became
    nein laut gemäß ungefähr rund circa genau sowie heißt nennt erklärt sagt sagte stimmt danke gab gibt darf soll
    selon environ également appelle explique dit dire doivent doit deux
    según aproximadamente alrededor además llama explica dijo dice""".split()
)
NOT_CONTENT = (
    frozenset(FUNCTION_WORDS)
    | _ALL_NEGATIONS
    | FRAMES
    | _RETELLING
    | frozenset(HINTED)
    | frozenset(MONTHS)
    | frozenset(ORDINALS)
    | frozenset(SCALES)
    | frozenset(SMALL)
    | frozenset(TENS)
    | frozenset(UNITS)
    | frozenset(word for words in OTHER_LANGUAGES.values() for word in words)
)

_ROMANCE = """aient aient ait ant ons ent ez ir ee ees er ement ment ado ada ados adas ando iendo aron ieron ar amos cion mente tion
    tions os as o a e u us ues ue"""
_ENDINGS = {
    "en": """ization ations ation itions ition ions ion ments ment ings ing ities ity ness edly ed er ers ies ied es ly
    al ally en
        ened ening ens y e""",
    "de": "ungen ung heiten heit keit lich liche lichen ische isch ern er en em es et te ten t e s n",
    **dict.fromkeys(("fr", "es", "it", "pt"), _ROMANCE),
}
ENDINGS = {
    language: tuple(sorted(words.split(), key=lambda ending: (-len(ending), ending)))
    for language, words in _ENDINGS.items()
}

IRREGULAR = dict(
    pair.split(":")
    for pair in """began:begin begun:begin born:birth broke:break broken:break brought:bring built:build bought:buy caught:catch
    chose:choose chosen:choose drank:drink drew:draw drawn:draw drove:drive driven:drive ate:eat eaten:eat fell:fall fallen:fall
    fed:feed felt:feel fought:fight flew:fly flown:fly flight:fly forgot:forget forgotten:forget froze:freeze frozen:freeze
    grew:grow grown:grow growth:grow heard:hear hid:hide hidden:hide held:hold kept:keep knew:know known:know laid:lay led:lead
    lent:lend lost:lose loss:lose losses:lose losing:lose met:meet paid:pay ran:run rose:rise risen:rise sang:sing sung:sing
    song:sing sold:sell sale:sell sales:sell sent:send shot:shoot sank:sink slept:sleep spoke:speak spoken:speak speech:speak
    spent:spend stood:stand stole:steal stolen:steal struck:strike swam:swim swum:swim taught:teach thought:think threw:throw
    thrown:throw won:win winner:win wore:wear worn:wear wrote:write written:write died:death dies:death die:death dead:death
    deaths:death lives:live lived:live living:live life:live children:child men:man women:woman feet:foot teeth:tooth mice:mouse
    married:marry marriage:marry decision:decide height:high length:long weight:weigh weighs:weigh depth:deep width:wide
    strength:strong warmth:warm analysis:analyse analyses:analyse description:describe choice:choose proof:prove belief:believe
    treatment:treat fled:flee bred:breed fried:fry dried:dry tried:try""".split()
)
