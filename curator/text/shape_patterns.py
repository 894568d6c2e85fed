# ruff: noqa: RUF001
"""What questions, answers and works of reference look like in many languages, as regular expressions for RE2.

In languages that are not listed nothing is found: what is found trains a classifier, and a miss costs less than an error.
"""

from __future__ import annotations

_CLOSING = r"""["'”’»」)\]*_]*\s*$"""
SENTENCE_LINE = r"[.!。！।۔።…]" + _CLOSING
QUESTION_LINE = r"(?:[?？؟]|\p{Greek}[^\n]*;)" + _CLOSING
COLON_LINE = r"[:：]" + _CLOSING
SEVERAL_SENTENCES = r"\p{L}{2}[.!?…؟][\"')]*\s+\S|[。！？؟][^\n]*[?？؟]"
SENTENCE_END = r"[.!?।۔።][\"'”’»)\]]*(?:\s|$)|[。！？]"
HEADING = r"^(?:#+ |\*\*|\p{Nd}{1,2}[.)] ?)?¿?[\p{Lu}\p{Lt}\p{Lo}]"
ADDRESSED = r"[:：\"“”«»„「>|]"  # a speaker's name, speech, a quoted mail


def _words(sayings: str) -> str:
    """Any of these, parted by |, in any case and with no letter beside it: RE2's \\b knows ASCII alone."""
    said = "|".join(saying.strip() for saying in sayings.split("|"))
    return rf"(?i)(?:^|[^\p{{L}}])(?:{said})(?:[^\p{{L}}]|$)"


ASKS = (
    _words(
        """
        what|how|why|who|whose|which|when|where|what['’]s|who['’]s|wie|was|warum|wieso|wer|welche[rsn]?|wann|wo|womit|comment
        |pourquoi|qui|quel(?:le)?s?|quand|où|combien|qué|cómo|quién(?:es)?|cuál(?:es)?|cuándo|dónde|cuánt[oa]s?|como|quem|qua(?:l|is)
        |quando|onde|quant[oaie]s?|che|cosa|come|perché|chi|qual[ei]|dove|hoe|waarom|wat|welke?|wanneer|waar|vad|hur|varför|vem
        |vilk(?:en|a)|när|hvad|hvordan|hvorfor|hvem|hvilke[nt]?|hva|hvornår|jak|co|dlaczego|kto|któr[yae]|kiedy|gdzie|ile|czym|что|как
        |почему|зачем|кто|как(?:ой|ая|ие|ое)|когда|где|сколько|що|як|чому|хто|як(?:ий|а|і)|коли|де|nasıl|neden|niçin|kim|hangi|nedir
        |nerede|apa|bagaimana|mengapa|kenapa|siapa|berapa|τι|πώς|γιατί|ποι(?:ος|α|ο)|πότε|πού|ما|ماذا|كيف|لماذا|متى|أين|چه|چگونه|چرا
        |چیست|क्या|कैसे|क्यों|कौन|gì|tại sao|thế nào
        """
    )
    + r"|什么|什麼|如何|为什么|為什麼|怎么|怎麼|怎样|哪|谁|誰|多少|何|なぜ|どう|どこ|どの|いつ"
    r"|무엇|어떻게|왜 |누가|언제|어디|อะไร|อย่างไร|ทำไม"
)

_MARK = r"^[#*\s]*(?:%s)\s?\p{Nd}{0,3}\**\s?[:：.)]\**\s*\S"
MARKS = tuple(
    (_MARK % asked, _MARK % answered)
    for asked, answered in (
        ("Q", "A"),  # other single letters number the items of lists
        ("问|問|提问|質問", "答|回答"),
        ("문|질문", "답|답변"),
        (
            "(?i)question|frage|pregunta|pergunta|domanda|вопрос|запитання|питання|سؤال|السؤال|ερώτηση|soru|pytanie|vraag|fråga"
            "|spørgsmål|spørsmål|câu hỏi|pertanyaan|प्रश्न",
            "(?i)answer|réponse|antwort|respuesta|resposta|risposta|ответ|відповідь|جواب|الجواب|απάντηση|cevap|odpowiedź|antwoord"
            "|svar|trả lời|jawaban|उत्तर",
        ),
    )
)
"""Lines that are marked as a question, and those that are marked as its answer."""

DEFINES = (
    r"^(?:#+ )?[\"“«*_]*\p{Lu}[^.!?:;\n]{1,70}?(?:\([^)\n]{1,80}\) |, [^,\n]{2,80}, )?"
    r"(?:(?:is|are) (?:an?|the|one of|any|some|known|the name|defined|called|sometimes|often|usually|generally|located|found|used"
    r"|made|characteri[sz]ed|considered) |refers? to |denotes |consists? of |comprises? "
    r"|(?:ist|sind|bezeichnet|bezeichnen) (?:eine?[rs]?|d[iea][ers]) |(?:est|sont) (?:une?|des|les?|la|l.) ?|désigne "
    r"|(?:es|son) (?:una?|el|l[ao]s?) |(?:é|são) (?:uma?|[oa]s?) "
    r"|(?:è|sono) (?:una?|uno|il|l[aoe]|gli|l.) ?|zijn (?:een|de|het) |is (?:een|de|het) |(?:är|er) (?:en|et|ett|det) "
    r"|jest to |to (?:jeden|jedna|rodzaj|forma) |[—–-] (?:это|це) |je (?:jeden|jedna|jedno|jedan) |este (?:o|un) |adalah "
    r"|merupakan |là (?:một|các|những) |είναι (?:έν[αα]ς?|μ[ιί]α|η|ο|το) |هو |هي |است )"
    r"|^\p{Lu}[^.!?:;\n]{1,70}?\([^)\n]{0,60}\p{Nd}{3}[^)\n]{0,60}\) (?:was|were|war|était|fue|foi|fu|byl|był[ao]?) "
    r"|^[^\n。，]{1,30}(?:是(?:一|指|由|用)|为一|とは|は、[^\n。]{2,80}(?:である|です|をいう|を指す)"
    r"|(?:은|는|이란|란) [^\n.]{2,100}(?:이다|입니다|한다|말한다)\.)"
)
"""A paragraph that begins by saying what something is; in the past only after dates in brackets, as a life does."""
NOT_SUBJECT = (
    r"(?i)^[#*\s\"“]*(?:i|you|we|he|she|they|it|this|that|these|those|there|here|what|who|if|when|while|my|our|your|his|her|their|its|in"
    r"|on|at|as|for|by|after|before|one|some|all|many|most|another|such|so|and|but|yes|no|not|please|how|why|where|which|because"
    r"|although|both|each|every)[^\p{L}]"
)
EXPLAINS = (
    _words(
        r"""
        such as|for example|for instance|known as|called an?|(?:is|are) called|refers? to|defined as|consists? of
        |(?:type|form|kind|method|process|branch)s? of|characteri[sz]ed by|caused by|in contrast|in general|used to|e\.g\.|i\.e\.
        |zum beispiel|z\. ?b\.|beispielsweise|bezeichnet|sogenannte[nrsm]?|beste(?:ht|hen) aus|das heißt|im gegensatz
        |par exemple|c['’]est-à-dire|appelée?s?|désignent?|constituée?s? de|se compose|tell?e?s? que|il s['’]agit
        |por ejemplo|es decir|se (?:llaman?|denominan?|conoce|define|compone|utilizan?|refiere)|tales como|consiste (?:en|em|in)
        |por exemplo|ou seja|isto é|chamad[oa]s?|tais como|refere-se|ad esempio|per esempio|cioè|ossia|chiamat[oaie]
        |si (?:chiama|definisce|tratta|compone)|bijvoorbeeld|zogenaamde|bestaa[tn]n? uit|dat wil zeggen|till exempel|det vill säga
        |kallas|består a[vf]|for eksempel|kaldes|kalles|na przykład|czyli|nazywan[aey]|polega na|składa się|tak zwan[aey]
        |například|takzvan[áýé]|nazýv[áa]|skládá se|например|называ\p{L}+|то есть|являются?|состо(?:ит|ят) из
        |представля(?:ет|ют) собой|так называем\p{L}+|наприклад|тобто|складається|örneğin|olarak (?:adlandırılır|bilinir|tanımlanır)
        |yani|denir|misalnya|contohnya|yaitu|merupakan|disebut|ví dụ|tức là|được gọi là|bao gồm|على سبيل المثال|تسمى|عبارة عن|يتكون
        |برای مثال|نامیده|उदाहरण|कहा जाता|अर्थात|για παράδειγμα|δηλαδή|ονομάζεται|αποτελείται
        """
    )
    + r"|例如|比如|是指|称为|稱為|指的是|也就是|例えば|たとえば|と呼ば|すなわち|つまり|예를 들어|라고 한다|라고 부른|의미한다"
)
PRONOUN = (
    _words(
        r"""
        i|i['’]m|me|my|we|us|our|you|your|ich|mir|mich|mein\p{L}*|wir|uns|unser\p{L}*|du|dir|dich|dein\p{L}*|euch|je|moi|mon|nous|notre|nos
        |vous|votre|vos|tu|yo|mi|nosotros|nuestr[oa]s?|ustede?s?|tú|eu|meu|minha|nós|nosso|vocês?|io|mi[oa]|noi|nostr[oaie]|voi|ik|mij|mijn
        |wij|ons|onze|jij|jouw|uw|jag|mig|min|vi|oss|vår|dig|ja|mnie|mój|nas|nasz|ty|wy|я|мне|меня|мой|моя|мы|нас|нам|наш|ты|вы|вас|вам|ваш
        |ben|biz|siz|sen|saya|aku|kami|kita|kamu|anda|tôi|bạn|εγώ|εμείς|μου|μας|σας|أنا|نحن|أنت
        """
    )
    + r"|我|你|您|咱|私|僕|あなた|저는|우리|당신|여러분"
)
"""Of the first and second person; short ones mean other things in other languages, which are missed then."""
SPEECH = (
    _words(r"said|says|told|sagte|a déclaré|dijo|disse|ha detto|сказал\p{L}*|заявил\p{L}*|powiedział\p{L}*")
    + r"|[\"“”«»„「]"
)

MAIL = (
    r"(?m)^(?:From|Subject|To|Date|Re|RE|Message-ID|Lines|Organization):[^\n]|^\s*[>|]|^On [^\n]{5,80} wrote:"
    r"|^[^\n]{3,60} (?:wrote|writes|said):\s*$"
)
LEGAL = (
    r"(?i)personal(?:ly)? (?:data|identifiable|information)|we (?:may )?collect|privacy (?:policy|notice|statement)"
    r"|terms (?:of (?:use|service)|and conditions)|these terms|this agreement|cookies"
    r"|third part(?:y|ies)|herein|hereby|pursuant to|liab(?:le|ility)|warrant(?:y|ies)"
    r"|licen[sc]e[er]|indemnif|plaintiff|defendant|appell(?:ant|ee)|jurisdiction|données (?:personnelles|à caractère)"
    r"|personenbezogen|datos personales|dados pessoais|dati personali"
    r"|persoonsgegevens|персональн\p{L}+ данн|个人信息|個人情報|개인정보"
)
LINK = r"(?i)https?://|www\.|@[a-z0-9]|click|subscribe|buy now|order now|sign up"
SHOUT = r"[!！]"
CODE = r"[{}<>=;$\\|_@#^~]|\.\.\."
