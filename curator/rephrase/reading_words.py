"""Words that the checks of faithfulness treat apart: frames, grammar, endings, irregular forms."""

from __future__ import annotations

from curator.rephrase.negation_words import NEGATIONS
from curator.text.function_words import FUNCTION_WORDS
from curator.text.number_words import HINTED, MONTHS, ORDINALS, OTHER_LANGUAGES, SCALES, SMALL, TENS, UNITS

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
    hatte kann können darf dürfen soll muss zu in im an am auf für von vom zum zur beim ins mit bei nach aus durch als auch so sich
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
    ins beim zum zur vom ans
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

_ROMANCE = """aient aient ait ant ons ent ez ir ee ees er ement ment ado ada ados adas ido ida idos idas
    ando iendo aron ieron ar amos cion mente tion
    tions os as o a e u us ues ue"""
_ENDINGS = {
    "en": """ization ations ation itions ition ions ion ments ment ings ing ities ity ness edly ed er ers ies ied es ly
    al ally en
        ened ening ens y e""",
    "de": "ungen ung heiten heit keit lich liche lichen ische isch ern er en em es e s n",
    **dict.fromkeys(("fr", "es", "it", "pt"), _ROMANCE),
}
ENDINGS = {
    language: tuple(sorted(words.split(), key=lambda ending: (-len(ending), ending)))
    for language, words in _ENDINGS.items()
}

_IRREGULAR = {
    "en": """began:begin begun:begin born:birth broke:break broken:break brought:bring built:build bought:buy caught:catch
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
    treatment:treat fled:flee bred:breed fried:fry dried:dry tried:try used:use using:use
    left:leave made:make gave:give given:give took:take taken:take came:come went:go gone:go goes:go saw:see seen:see found:find
    did:do done:do said:say became:become forbade:forbid shook:shake shaken:shake rode:ride ridden:ride woke:wake slid:slide
    bound:bind wound:wind ground:grind hung:hang dug:dig lit:light spun:spin stuck:stick tore:tear torn:tear swore:swear""",
    "de": """liest:lesen las:lesen gelesen:lesen schnitzt:schnitzen fuhr:fahren fuhren:fahren gefahren:fahren gab:geben gibt:geben
    gegeben:geben kam:kommen kamen:kommen ging:gehen gingen:gehen gegangen:gehen stand:stehen standen:stehen gestanden:stehen
    fand:finden gefunden:finden verbot:verbieten nahm:nehmen nimmt:nehmen genommen:nehmen sprach:sprechen gesprochen:sprechen
    schrieb:schreiben geschrieben:schreiben trug:tragen getragen:tragen wuchs:wachsen gewachsen:wachsen stieg:steigen
    stiegen:steigen gestiegen:steigen sank:sinken gesunken:sinken fiel:fallen fielen:fallen gefallen:fallen blieb:bleiben
    geblieben:bleiben begann:beginnen begonnen:beginnen gewann:gewinnen gewonnen:gewinnen verlor:verlieren verloren:verlieren
    starb:sterben gestorben:sterben trat:treten betreten:treten griff:greifen angegriffen:angreifen gekauft:kaufen
    gebaut:bauen gespielt:spielen gezahlt:zahlen geleitet:leiten gegründet:gründen benutzt:benutzen""",
}
IRREGULAR = {language: dict(pair.split(":") for pair in pairs.split()) for language, pairs in _IRREGULAR.items()}
